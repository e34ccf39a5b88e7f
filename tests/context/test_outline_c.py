"""C, C++, C#: what a file defines and imports, as tables."""

from __future__ import annotations

from tests.context.outlined import check


def test_c() -> None:
    check(
        ".c",
        r"""
        #include <stdio.h>
        #include "util/log.h"
        #define LIMIT 3
        #define GUARD
        #define TWICE(x) \
            ((x) * 2)
        #ifdef BIG
        int big(void);
        #endif

        typedef struct node {
            int a, *b;
            struct node *next;
            int (*compare)(int, int);
        } node_t;
        typedef struct { int x; } point;
        typedef int (*callback)(int);
        typedef unsigned int uint;
        struct later;
        enum { ANY, ALL = 2 };
        enum color { RED, GREEN };
        union both { int i; float f; };

        static int low = 1, *high;
        char *names[] = {
            "a",
        };
        extern int declared(int a);

        /* Doc of sum,
           more of it. */
        static inline int *
        sum(int a,
            int b)
        {
            int local;
            return 0;
        }
        """,
        """
        0 import stdio.h
        1 import util/log.h
        2-3-3 macro LIMIT
        4-6-6 macro TWICE
        7-8-8 function big
        10-11-15 type node_t
        10-11-15 type node
          11-12-12 value node_t.a
          11-12-12 value node_t.b
          12-13-13 value node_t.next
          13-14-14 value node_t.compare
        15-16-16 type point
          15-16-16 value point.x
        16-17-17 type callback
        17-18-18 type uint
        19-20-20 value ANY
        19-20-20 value ALL
        20-21-21 type color
          20-21-21 value color.RED
          20-21-21 value color.GREEN
        21-22-22 type both
          21-22-22 value both.i
          21-22-22 value both.f
        23-24-24 value low
        23-24-24 value high
        24-25-27 value names
        27-28-28 function declared
        31-34-38 function sum | Doc of sum,
        """,
    )


def test_cpp() -> None:
    check(
        ".cpp",
        """
        #include <vector>
        namespace acme::shop {

        /// What is bought.
        template <typename T>
        class Order final : public Base<T>, private util::Sized {
         public:
          explicit Order(int id) : id_(id) {}
          ~Order();
          Order(const Order&) = delete;
          virtual int sum() const = 0;
          bool operator==(const Order& other) const;
          operator bool() const { return true; }
          template <class U>
          void put(U item) { int local; }
          enum class Color : int { Red, Green };
          using Item = T;
          static constexpr int limit = 3;

         private:
          int id_, *next_ = nullptr;
        };

        }  // namespace acme::shop

        int Order<int>::sum() const {
          auto add = [](int a) { struct Hidden {}; return a; };
          return 1;
        }
        int Order<int>::count = 0;
        namespace {
        int& hidden() {}
        }
        using Names = std::vector<std::string>;
        auto pick(int a) -> int { return a; }
        extern "C" { void outside(); }
        """,
        """
        0 import vector
        1-2-24 module acme::shop
          4-6-22 type Order < Base, Sized | What is bought.
            7-8-8 method Order.Order
            8-9-9 method Order.~Order
            9-10-10 method Order.Order
            10-11-11 method Order.sum
            11-12-12 method Order.operator==
            12-13-13 method Order.operator bool
            13-15-15 method Order.put
            15-16-16 type Order.Color
              15-16-16 value Color.Red
              15-16-16 value Color.Green
            16-17-17 type Order.Item
            17-18-18 value Order.limit
            20-21-21 value Order.id_
            20-21-21 value Order.next_
            25-26-29 method Order.sum
            29-30-30 value Order.count
        31-32-32 function hidden
        33-34-34 type Names
        34-35-35 function pick
        35-36-36 function outside
        """,
    )


def test_csharp() -> None:
    check(
        ".cs",
        """
        using System;
        using static System.Math;
        using Money = Acme.Prices.Money;
        global using Acme.Tax;
        namespace Acme.Shop;

        /// <summary>
        /// What is bought.
        /// </summary>
        [Table("orders")]
        public sealed class Order<T> : Model<T>, ISized, Util.INamed
            where T : class
        {
            public const int Limit = 3;
            private readonly List<int> low, high = new()
            {
                1,
            };
            public string Name { get; set; } = "x";
            public int Sum
            {
                get { return 1; }
            }
            public int Count => 3;
            public event EventHandler Changed;
            public Order(int id) : base(id) { }
            [Pure]
            public async Task<int> Find<U>(
                int id)
            {
                int Local() => 1;
                return 1;
            }
            public delegate void Done(int id);
        }
        public record Line(int Id, string Text) : Row;
        interface IStore : IDisposable
        {
            void Put(Order<int> order);
            int Size { get; }
        }
        enum Color { Red, Green = 2 }
        """,
        """
        package Acme.Shop
        0 import System
        1 import System.Math: *
        2 import Acme.Prices.Money
        3 import Acme.Tax
        9-12-35 type Order < Model, ISized, INamed | What is bought.
          13-14-14 value Order.Limit
          14-18-18 value Order.low
          14-15-18 value Order.high
          18-19-19 value Order.Name
          19-20-23 value Order.Sum
          23-24-24 value Order.Count
          24-25-25 value Order.Changed
          25-26-26 method Order.Order
          26-29-33 method Order.Find
          33-34-34 type Order.Done
        35-36-36 type Line < Row
          35-36-36 value Line.Id
          35-36-36 value Line.Text
        36-37-41 type IStore < IDisposable
          38-39-39 method IStore.Put
          39-40-40 value IStore.Size
        41-42-42 type Color
          41-42-42 value Color.Red
          41-42-42 value Color.Green
        """,
    )
