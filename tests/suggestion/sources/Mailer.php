<?php

declare(strict_types=1);

namespace Acme\Mail;

use InvalidArgumentException;
use Psr\Log\LoggerInterface;

/**
 * Sends letters.
 */
final class Mailer
{
    private const LIMIT = 10;

    /** @var array<string, int> */
    private array $sent = [];

    public function __construct(
        private LoggerInterface $logger,
        private string $from = 'shop@example.com'
    ) {
    }

    public function send(string $to, string $subject, array $values = []): bool
    {
        if (!filter_var($to, FILTER_VALIDATE_EMAIL)) {
            throw new InvalidArgumentException("No address: $to");
        } elseif (($this->sent[$to] ?? 0) >= self::LIMIT) {
            return false;
        }

        $body = $this->render('letter', $values);
        $this->sent[$to] = ($this->sent[$to] ?? 0) + 1;
        $this->logger->info("To {$to}: {$subject}", ['length' => strlen($body)]);

        return mail($to, $subject, $body, [
            'From' => $this->from,
            'Content-Type' => 'text/plain',
        ]);
    }

    public function total(): int
    {
        $sum = 0;
        foreach ($this->sent as $address => $count) {
            $sum += $count;
        }
        return $sum;
    }

    private function render(string $name, array $values): string
    {
        $text = file_get_contents(__DIR__ . "/{$name}.txt");
        $names = array_map(fn ($key) => '%' . $key . '%', array_keys($values));
        try {
            return str_replace($names, array_values($values), $text);
        } catch (\Throwable $error) {
            return $error->getMessage();
        }
    }
}
