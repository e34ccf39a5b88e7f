import React, { useEffect, useState } from 'react';
import { load, type Item } from './basket';

type Props = {
  title: string;
  onBuy: (items: Item[]) => void;
};

export function Cart({ title, onBuy }: Props) {
  const [items, setItems] = useState<Item[]>([]);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    let isGone = false;
    load('/cart').then((loaded) => {
      if (!isGone) {
        setItems(loaded);
      }
    });
    return () => {
      isGone = true;
    };
  }, [title]);

  const buy = async () => {
    setBusy(true);
    await onBuy(items);
    setBusy(false);
  };

  if (items.length === 0) {
    return <p className="empty">Nothing here, {title}.</p>;
  }

  return (
    <section className="cart">
      <h2>{title}</h2>
      <ul>
        {items.map((item) => (
          <li key={item.name}>
            {item.name}: <b>{item.price.cents / 100}</b>
          </li>
        ))}
      </ul>
      {isBusy ? (
        <Spinner />
      ) : (
        <button type="button" onClick={buy} disabled={items.length > 9}>
          Buy
        </button>
      )}
    </section>
  );
}

const Spinner = () => <div className="spinner" />;
