using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace Acme.Shop
{
    public enum State
    {
        Open,
        Paid,
    }

    public record Line(string Name, decimal Price, int Count = 1);

    /// <summary>What somebody has ordered.</summary>
    public class Order
    {
        private readonly List<Line> _lines = new();

        public Guid Id { get; } = Guid.NewGuid();

        public State State { get; private set; } = State.Open;

        public decimal Total => _lines.Sum(line => line.Price * line.Count);

        public void Add(Line line)
        {
            if (State != State.Open)
            {
                throw new InvalidOperationException($"The order {Id} is {State}");
            }
            _lines.Add(line);
        }

        public async Task<bool> PayAsync(Func<decimal, Task<bool>> pay)
        {
            try
            {
                if (!await pay(Total))
                {
                    return false;
                }
                State = State.Paid;
            }
            catch (TimeoutException error)
            {
                Console.WriteLine("late: {0}", error.Message);
                return false;
            }
            return true;
        }

        public IDictionary<string, decimal> ByName()
        {
            var result = from line in _lines
                         group line by line.Name into same
                         select new { same.Key, Sum = same.Sum(line => line.Price) };
            return result.ToDictionary(row => row.Key, row => row.Sum);
        }

        public string Describe() => State switch
        {
            State.Open => "open",
            State.Paid => "paid",
            _ => throw new ArgumentOutOfRangeException(nameof(State)),
        };
    }
}
