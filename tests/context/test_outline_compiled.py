"""Go, Java, Rust: what a file defines and imports, as tables."""

from __future__ import annotations

from tests.context.outlined import check


def test_go() -> None:
    check(
        ".go",
        """
        // Package shop sells.
        package shop

        import (
            "fmt"
            . "example.com/mod/prices"
            tax "example.com/mod/v2/tax"
        )
        import _ "embed"

        const (
            Low, High = iota, 2
            Top
        )

        var table = map[string]int{
            "a": 1,
        }

        // Order is what is bought.
        // There is more of it.
        type Order struct {
            *Base
            tax.Rate[int]
            ID, Count int `json:"id"`
            inner struct {
                hidden int
            }
        }

        type Store interface {
            Find(id int) (*Order, error)
            io.Closer
            ~int | string
        }

        type (
            Names []string
            Old   = Order
        )

        func Buy[T any](
            what T,
        ) (*Order, error) {
            var local int
            type hidden struct{}
            return nil, nil
        }

        func (o *Order) Sum() int { return 0 }

        func (l List[T]) Len() int
        """,
        """
        package shop
        4 import fmt
        5 import example.com/mod/prices: *
        6 import example.com/mod/v2/tax
        8 import embed
        11-12-12 value Low
        11-12-12 value High
        12-13-13 value Top
        15-16-18 value table
        21-22-29 type Order < Base, Rate | Order is what is bought.
          24-25-25 value Order.ID
          24-25-25 value Order.Count
          25-26-28 value Order.inner
        30-31-35 type Store < Closer
          31-32-32 method Store.Find
        37-38-38 type Names
        38-39-39 type Old
        41-44-48 function Buy
          49-50-50 method Order.Sum
        51-52-52 method List.Len
        """,
    )


def test_java() -> None:
    check(
        ".java",
        """
        package com.acme.shop;

        import com.acme.Money;
        import com.acme.tax.*;
        import static com.acme.Sums.sum;
        import static com.acme.Rates.*;

        /** What is bought. */
        @Entity
        @Table(name = "orders")
        public final class Order<T> extends base.Model<T> implements Sized, Named<String> {
            private static final Map<String, Integer> TABLE = Map.of(
                "a", 1
            );
            int low, high = 2;

            public Order(
                int id
            ) {
                int local = 1;
                Runnable r = new Runnable() { public void run() {} };
            }

            @Override
            public String toString()
                throws IOException
            {
                return "";
            }

            enum Color {
                RED,
                GREEN("g") { void shine() {} };
                private String code;
            }

            record Line(int id, @Nullable String text) implements Row {
                Line {
                }
            }

            interface Store extends Closeable {
                int LIMIT = 3;
                void put(Order order);
            }

            @interface Mark {
                String value() default "";
            }
        }
        """,
        """
        package com.acme.shop
        2 import com.acme.Money
        3 import com.acme.tax.*
        4 import com.acme.Sums: sum
        5 import com.acme.Rates: *
        8-11-50 type Order < Model, Sized, Named | What is bought.
          11-12-14 value Order.TABLE
          14-15-15 value Order.low
          14-15-15 value Order.high
          16-19-22 method Order.Order
          23-26-29 method Order.toString
          30-31-35 type Order.Color
            31-32-32 value Color.RED
            32-33-33 value Color.GREEN
            33-34-34 value Color.code
          36-37-40 type Order.Line < Row
            36-37-37 value Line.id
            36-37-37 value Line.text
            37-38-39 method Line.Line
          41-42-45 type Order.Store < Closeable
            42-43-43 value Store.LIMIT
            43-44-44 method Store.put
          46-47-49 type Order.Mark
            47-48-48 method Mark.value
        """,
    )


def test_rust() -> None:
    check(
        ".rs",
        """
        //! Sells.
        use std::{fmt, io::{self, Read as R}, collections::*};
        pub use crate::prices::Price;
        extern crate serde;
        mod tax;
        pub mod rows {
            pub fn first() {}
        }

        /// What is bought.
        #[derive(Debug)]
        #[serde(
            rename = "order",
        )]
        pub struct Order<T>
        where
            T: Sized,
        {
            pub id: i32,
            #[serde(skip)]
            rows: Vec<T>,
        }
        struct Pair(pub i32, String);

        pub enum Color {
            Red = 1,
            Mixed { hidden: u8 },
        }

        pub trait Store: Close + fmt::Debug {
            type Item;
            const LIMIT: i32;
            fn put(&self, item: Self::Item);
            fn is_empty(&self) -> bool {
                true
            }
        }

        impl<T> fmt::Display for Order<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                const LOCAL: i32 = 1;
                fn hidden() {}
            }
        }
        impl Order<i32> {
            pub const NONE: i32 = 0;
            pub async fn new(
                id: i32,
            ) -> Self {
            }
        }
        impl From<Order> for elsewhere::Thing {
            fn from(order: Order) -> Self {}
        }

        static TABLE: [i32; 2] = [
            1, 2,
        ];
        macro_rules! sum {
            ($a:expr) => { $a };
            ($a:expr, $b:expr) => { $a + $b };
        }
        type Names = Vec<String>;
        extern "C" {
            fn outside(a: i32);
        }
        """,
        """
        1 import std::fmt
        1 import std::io
        1 import std::io::Read
        1 import std::collections: *
        2 import crate::prices::Price as export
        3 import serde
        4 import mod::tax
        5-6-8 module rows
          6-7-7 function first
        10-17-22 type Order < Display | What is bought.
          18-19-19 value Order.id
          19-21-21 value Order.rows
        22-23-23 type Pair
        24-25-28 type Color
          25-26-26 value Color.Red
          26-27-27 value Color.Mixed
        29-30-37 type Store < Close, Debug
          30-31-31 type Store.Item
          31-32-32 value Store.LIMIT
          32-33-33 method Store.put
          33-34-36 method Store.is_empty
          39-40-43 method Order.fmt
          45-46-46 value Order.NONE
          46-49-50 method Order.new
        52-53-53 method Thing.from
        55-56-58 value TABLE
        58-60-62 macro sum
        62-63-63 type Names
        64-65-65 function outside
        """,
    )
