; The captures are explained in syntax.py.

(call
  method: (identifier) @_require arguments: (argument_list . (string))
  (#any-of? @_require "require" "require_relative")) @import @module

(module name: [(constant) @name (scope_resolution name: (_) @name)] body: (_)? @body) @namespace
(class name: [(constant) @name (scope_resolution name: (_) @name)] body: (_)? @body) @type
(superclass [(constant) (scope_resolution)] @base)
(body_statement (call
  method: (identifier) @_include arguments: (argument_list [(constant) (scope_resolution)] @base)
  (#any-of? @_include "include" "extend" "prepend")))

(method name: (_) @name body: (_)? @body) @method
(singleton_method name: (_) @name body: (_)? @body) @method
(body_statement (call
  method: (identifier) @_attribute arguments: (argument_list [(simple_symbol) (string)] @name)
  (#any-of? @_attribute "attr_accessor" "attr_reader" "attr_writer")) @value)
(assignment left: (constant) @name right: (_) @body) @value
(assignment
  left: (constant) @name
  right: (call receiver: (constant) @_made method: (identifier) arguments: (_) @body)
  (#any-of? @_made "Struct" "Data" "Class")) @type
(assignment left: (instance_variable) @name right: (_) @body) @member
