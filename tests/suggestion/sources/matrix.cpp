#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace maths {

template <typename T>
class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), values_(rows * columns) {}

  T& at(std::size_t row, std::size_t column) {
    if (row >= rows_ || column >= columns_) {
      throw std::out_of_range("no such cell");
    }
    return values_[row * columns_ + column];
  }

  template <typename F>
  void each(F&& f) const {
    for (const auto& value : values_) {
      f(value);
    }
  }

 private:
  std::size_t rows_;
  std::size_t columns_;
  std::vector<T> values_;
};

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};

class Circle : public Shape {
 public:
  explicit Circle(double radius) : radius_(radius) {}
  double area() const override { return 3.14159 * radius_ * radius_; }

 private:
  double radius_ = 0.0;
};

}  // namespace maths

int main() {
  maths::Matrix<int> matrix(2, 3);
  std::vector<std::unique_ptr<maths::Shape>> shapes;
  shapes.push_back(std::make_unique<maths::Circle>(1.5));
  std::sort(shapes.begin(), shapes.end(), [](const auto& a, const auto& b) {
    return a->area() < b->area();
  });
  int sum = 0;
  matrix.each([&sum](int value) { sum += value; });
  try {
    matrix.at(9, 9) = 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
  }
  return sum == 0 ? 0 : 1;
}
