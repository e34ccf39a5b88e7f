"""Python, PHP, Ruby, Bash: what a file defines and imports, as tables."""

from __future__ import annotations

from tests.context.outlined import check


def test_python() -> None:
    check(
        ".py",
        '''
        from __future__ import annotations
        import os, a.b as c
        from ..prices import (Price as P, tax)
        from .all import *

        # What is asked for at most.
        LIMIT: int = 3
        LOW, HIGH = 1, 2
        TABLE = {
            "a": 1,
        }
        type Names = list[str]

        if TYPE_CHECKING:
            from x import Y
        else:
            Y = object
        try:
            import fast
        except ImportError:
            fast = None

        @dataclass(frozen=True)
        # Why it is frozen.
        @final
        class Order(Base, sized.Sized[int], metaclass=Meta):
            """What is bought.

            And more.
            """

            lines: list[Line] = field(
                default_factory=list,
            )
            count = total = 0

            def __init__(self, a: int,
                         *, b: str = "x") -> None:
                self.a: int = a
                self.lines = []
                local = 1
                def inner(): ...

            @property
            async def sum(self) -> int:  # of all lines
                # The tax is in it.
                """
                The sum.
                """
                self.cached = self.a = 0

            class Line: pass

        def buy(order): return order
        ''',
        """
        1 import os
        1 import a.b
        2 import ..prices: Price, tax
        3 import .all: *
        14 import x: Y
        18 import fast
        6-7-7 value LIMIT | What is asked for at most.
        7-8-8 value LOW
        7-8-8 value HIGH
        8-9-11 value TABLE
        11-12-12 type Names
        16-17-17 value Y
        20-21-21 value fast
        22-26-52 type Order < Base, Sized | What is bought.
          31-32-34 value Order.lines
          34-35-35 value Order.count
          34-35-35 value Order.total
          36-38-42 method Order.__init__
          38-39-39 value Order.a
          43-45-50 method Order.sum | The sum.
          49-50-50 value Order.cached
          51-52-52 type Order.Line
        53-54-54 function buy
        """,
    )


def test_php() -> None:
    check(
        ".php",
        r"""
        <?php
        declare(strict_types=1);
        namespace Acme\Shop;

        use Acme\Money;
        use Acme\Tax\{Rate, Country as C, De\Law};
        use function Acme\sum, Acme\total as t;

        const LIMIT = 3;
        define('LOW', 1);

        /**
         * What is bought.
         */
        #[Entity]
        abstract class Order extends \Base\Model implements Sized, Named
        {
            use Logs;
            public const A = 1, B = 2;
            private ?int $id = 1;
            public static array $all = [
                1,
            ];
            public function __construct(
                private readonly int $price,
                int $plain,
            ) {
            }
            abstract public function sum(int $a): int;
            public function lines()
            {
                return new class { public function hidden() {} };
            }
        }
        interface Store extends Sized { public function put(Order $order); }
        trait Logs { }
        enum Color: string { case Red = 'r'; }
        function buy(Order $order): void
        {
            function hidden() {}
        }
        """,
        r"""
        package Acme\Shop
        4 import Acme\Money
        5 import Acme\Tax\Rate
        5 import Acme\Tax\Country
        5 import Acme\Tax\De\Law
        6 import Acme\sum
        6 import Acme\total
        8-9-9 value LIMIT
        9-10-10 value LOW
        14-16-34 type Order < Model, Sized, Named, Logs | What is bought.
          18-19-19 value Order.A
          18-19-19 value Order.B
          19-20-20 value Order.id
          20-21-23 value Order.all
          23-27-28 method Order.__construct
          24-25-25 value Order.price
          28-29-29 method Order.sum
          29-30-33 method Order.lines
        34-35-35 type Store < Sized
          34-35-35 method Store.put
        35-36-36 type Logs
        36-37-37 type Color
          36-37-37 value Color.Red
        37-38-41 function buy
        """,
    )


def test_ruby() -> None:
    check(
        ".rb",
        """
        require "json"
        require_relative "lib/prices"

        # Sells.
        module Acme
          LIMIT = 3
          # What is bought.
          # And more.
          class Order < Base::Model
            include Comparable
            attr_accessor :id, :count

            def initialize(id,
                           count = 1)
              @id = id
              local = 1
            end

            def self.find(id); end

            def empty?
            end

            class << self
              def all = []
            end
            private def hidden; end
            Point = Struct.new(:x, :y) do
              def sum
                x + y
              end
            end
          end
          class Missing < StandardError
          end
          def self.buy; end
        end

        def top
          def local; end
        end
        """,
        """
        0 import json
        1 import ./lib/prices
        4-5-37 module Acme | Sells.
          5-6-6 value LIMIT
          8-9-33 type Order < Model, Comparable | What is bought.
            10-11-11 value Order.id
            10-11-11 value Order.count
            12-14-17 method Order.initialize
            14-15-15 value Order.@id
            18-19-19 method Order.find
            20-21-22 method Order.empty?
            24-25-25 method Order.all
            26-27-27 method Order.hidden
            27-28-32 type Order.Point
              28-29-31 method Point.sum
          33-34-35 type Missing < StandardError
          35-36-36 method Acme.buy
        38-39-41 function top
        """,
    )


def test_bash() -> None:
    check(
        ".sh",
        """
        #!/usr/bin/env bash
        source lib/log.sh
        . "./$NAME.sh"

        LIMIT=3
        export HOME_PAGE="x"
        names=(
          a b
        )

        # Says it.
        say() {
          local text=$1
          loud=yes
        }
        function shout { say "$1!"; }
        """,
        """
        1 import lib/log.sh
        2 import ./$NAME.sh
        4-5-5 value LIMIT
        5-6-6 value HOME_PAGE
        6-7-9 value names
        11-12-15 function say | Says it.
        15-16-16 function shout
        """,
    )
