"""Orders add up."""

from shop.customers import Customer
from shop.money import parse_money
from shop.orders import Order, OrderState


def order_of_two_articles() -> Order:
    order = Order(Customer("Ada", "ada@example.com"))
    order.add_line("tea", 2, parse_money("3.50"))
    order.add_line("cup", 1, parse_money("7"))
    return order


def test_lines_add_up() -> None:
    assert order_of_two_articles().grand_total() == parse_money("14.00")


def test_a_paid_order_is_shipped() -> None:
    order = order_of_two_articles()
    order.mark_as_paid("transfer 17")
    assert order.ship_to("Main Street 1", "Bath")
    assert order.state is OrderState.SHIPPED
