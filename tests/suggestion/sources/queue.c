#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 32
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* One that waits. */
struct node {
    char name[MAX_NAME];
    int priority;
    struct node *next;
};

static struct node *head = NULL;

static struct node *node_new(const char *name, int priority)
{
    struct node *node = malloc(sizeof(*node));
    if (node == NULL) {
        return NULL;
    }
    strncpy(node->name, name, MAX_NAME - 1);
    node->name[MAX_NAME - 1] = '\0';
    node->priority = priority;
    node->next = NULL;
    return node;
}

int push(const char *name, int priority)
{
    struct node *node = node_new(name, priority);
    struct node **place = &head;

    if (!node)
        goto fail;
    while (*place && (*place)->priority >= priority)
        place = &(*place)->next;
    node->next = *place;
    *place = node;
    return 0;

fail:
    fprintf(stderr, "no room for %s\n", name);
    return -1;
}

#ifdef DEBUG
void dump(void)
{
    for (struct node *node = head; node; node = node->next) {
        switch (node->priority) {
        case 0:
            puts("idle");
            break;
        default:
            printf("%s (%d)\n", node->name, node->priority);
        }
    }
}
#endif

int main(int argc, char **argv)
{
    const char *names[] = {"one", "two", "three"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (push(names[i], (int)i) != 0) {
            return EXIT_FAILURE;
        }
    }
    return argc > 1 ? atoi(argv[1]) : EXIT_SUCCESS;
}
