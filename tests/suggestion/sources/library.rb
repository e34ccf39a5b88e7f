# frozen_string_literal: true

require 'json'
require 'set'

module Library
  class Missing < StandardError; end

  # A book on a shelf.
  class Book
    attr_reader :title, :year

    def initialize(title, year: nil, tags: [])
      @title = title
      @year = year
      @tags = Set.new(tags)
    end

    def old?
      return false unless year

      year < 1950
    end

    def to_s
      "#{title} (#{year || 'no year'})"
    end
  end

  class Shelf
    include Enumerable

    def self.load(path)
      rows = JSON.parse(File.read(path), symbolize_names: true)
      new(rows.map { |row| Book.new(row[:title], year: row[:year]) })
    rescue JSON::ParserError => e
      warn "not read: #{e.message}"
      new([])
    ensure
      puts 'done'
    end

    def initialize(books)
      @books = books
    end

    def each(&block)
      @books.each(&block)
    end

    def find_book(title)
      book = @books.find { |each| each.title == title }
      if book.nil?
        raise Missing, "no #{title}"
      elsif book.old?
        puts "careful: #{book}"
      else
        puts book
      end
      book
    end

    def by_year
      @books.group_by(&:year).each do |year, books|
        case year
        when nil
          puts 'without a year'
        when 1900..1999
          puts books.map(&:title).join(', ')
        else
          books.each { |book| puts book }
        end
      end
    end
  end
end
