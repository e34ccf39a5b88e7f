; The captures are explained in syntax/captures.py.

(call
  method: (identifier) @among arguments: (argument_list . (string))
  (#set! among "require require_relative")) @import @module

(module name: [(constant) @name (scope_resolution name: (_) @name)] body: (_)? @body) @namespace
(class name: [(constant) @name (scope_resolution name: (_) @name)] body: (_)? @body) @type
(superclass [(constant) (scope_resolution)] @base)
(body_statement (call
  method: (identifier) @among arguments: (argument_list [(constant) (scope_resolution)] @base)
  (#set! among "include extend prepend")))

(method name: (_) @name body: (_)? @body) @method
(singleton_method name: (_) @name body: (_)? @body) @method
(body_statement (call
  method: (identifier) @among arguments: (argument_list [(simple_symbol) (string)] @name)
  (#set! among "attr_accessor attr_reader attr_writer")) @value)
(assignment left: (constant) @name right: (_) @body) @value
(assignment
  left: (constant) @name
  right: (call receiver: (constant) @among method: (identifier) arguments: (_) @body)
  (#set! among "Struct Data Class")) @type
(assignment left: (instance_variable) @name right: (_) @body) @member
