local Cache = {}
Cache.__index = Cache

local LIMIT = 100

-- Makes a cache that keeps at most `limit` values.
function Cache.new(limit)
  local self = setmetatable({}, Cache)
  self.limit = limit or LIMIT
  self.values = {}
  self.order = {}
  return self
end

function Cache:set(key, value)
  if self.values[key] == nil then
    table.insert(self.order, key)
  end
  self.values[key] = value
  while #self.order > self.limit do
    local oldest = table.remove(self.order, 1)
    self.values[oldest] = nil
  end
end

function Cache:get(key, make)
  local value = self.values[key]
  if value ~= nil then
    return value
  elseif type(make) == "function" then
    value = make(key)
    self:set(key, value)
  else
    error(("no value for %s"):format(key))
  end
  return value
end

function Cache:each(callback)
  for index, key in ipairs(self.order) do
    local ok, message = pcall(function()
      callback(index, self.values[key])
    end)
    if not ok then
      print("failed: " .. message)
    end
  end
end

local names = {
  first = "one",
  second = "two",
}

local cache = Cache.new(2)
for name, value in pairs(names) do
  cache:set(name, value)
end
cache:each(function(index, value)
  print(index .. ": " .. value)
end)

return Cache
