"""TypeScript, TSX, JavaScript: what a file defines and imports, as tables."""

from __future__ import annotations

from tests.context.outlined import check


def test_typescript() -> None:
    check(
        ".ts",
        """
        import type { Price, Tax as T } from "./prices";
        import base, * as all from "y";
        import "./side";
        import fs = require("fs");
        export * from "./rows";
        export { default as Row, cell } from "./row";
        export * as colors from "./colors";

        export const LIMIT: number = 3, twice = (n: number): number => n * 2;
        export const { GET, POST } = handlers;
        const routes = [
          "/",
        ];
        /**
         * What is bought.
         */
        @Entity()
        @Table("orders")
        export abstract class Order<T> extends base.Model<T> implements Sized, all.Named<string> {
          private lines: Line[] = [];
          static count;
          #secret = 4;
          constructor(
            private readonly price: Price,
            public tax = 3,
            plain: string,
          ) {
            super();
            const local = 1;
          }
          abstract sum(): number;
          get empty(): boolean {
            return true;
          }
          later = async () => {
            const local = 2;
          };
          @Get()
          find(id: string) {}
        }
        export interface Sized extends Countable, all.Named<Order> {
          size: {
            width: number;
          };
          resize(to: number): void;
          (call: string): string;
        }
        type Line = {
          text: string;
        };
        export const enum Color { Red, Green = 2 }
        declare function declared(x: number): string;
        namespace Util.Text {
          export function trim(s: string) {}
        }
        declare module "other" {
          export const there: number;
        }
        export function pick(a: string): void;
        export function pick(a: number): void;
        export function pick(a: any) {}
        export const api = {
          get() {},
          post: async (body: string) => {
          },
          url: "/",
        };
        export default class Shop {}
        test("it", () => {
          function local() {}
          const other = () => {};
        });
        """,
        """
        0 import ./prices: Price, Tax
        1 import y: default, *
        2 import ./side
        3 import fs
        4 import ./rows: * as export
        5 import ./row: default, cell as export
        6 import ./colors: * as export
        8-9-9 value LIMIT
        8-9-9 function twice
        9-10-10 value GET
        9-10-10 value POST
        10-11-13 value routes
        16-19-40 type Order < Model, Sized, Named | What is bought.
          19-20-20 value Order.lines
          20-21-21 value Order.count
          21-22-22 value Order.#secret
          22-27-30 method Order.constructor
          23-24-24 value Order.price
          24-25-25 value Order.tax
          30-31-31 method Order.sum
          31-32-34 method Order.empty
          34-35-37 method Order.later
          37-39-39 method Order.find
        40-41-47 type Sized < Countable, Named
          41-42-44 value Sized.size
          44-45-45 method Sized.resize
        47-48-50 type Line
          48-49-49 value Line.text
        50-51-51 type Color
          50-51-51 value Color.Red
          50-51-51 value Color.Green
        51-52-52 function declared
        52-53-55 module Util.Text
          53-54-54 function trim
        55-56-58 module other
          56-57-57 value there
        58-59-59 function pick
        59-60-60 function pick
        60-61-61 function pick
        61-62-67 value api
          62-63-63 method api.get
          63-64-65 method api.post
        67-68-68 type Shop
        """,
    )


def test_tsx() -> None:
    check(
        ".tsx",
        """
        export type Props = { name: string };
        export const Hello = ({ name }: Props) => (
          <b>{name}</b>
        );
        export default function App() {
          const [a, setA] = useState(0);
          return <Hello name="x" />;
        }
        """,
        """
        0-1-1 type Props
          0-1-1 value Props.name
        1-2-4 function Hello
        4-5-8 function App
        """,
    )


def test_javascript() -> None:
    check(
        ".jsx",
        """
        const path = require("path");
        const { join, sep: s } = require("./util");
        import React from "react";

        class Shop extends React.Component {
          static open = true;
          #till = () => 1;
          render() {
            return <p>{this.props.x}</p>;
          }
        }
        function* each(list) {}
        var old = function () {};
        app.use = function use(handler) {
          let local;
        };
        Shop.prototype.close = () => {};
        exports.sell = function () {};
        module.exports = {
          buy(what) {},
          limit: 3,
        };
        """,
        """
        0 import path
        1 import ./util: join, sep
        2 import react: default
        4-5-11 type Shop < Component
          5-6-6 value Shop.open
          6-7-7 method Shop.#till
          7-8-10 method Shop.render
        11-12-12 function each
        12-13-13 function old
        13-14-16 method app.use
          16-17-17 method Shop.close
        17-18-18 function sell
        19-20-20 function buy
        """,
    )
