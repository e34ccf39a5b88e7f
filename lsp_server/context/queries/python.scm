; The captures are explained in syntax/captures.py.

(function_definition name: (identifier) @name body: (block) @body) @function
(class_definition name: (identifier) @name body: (block) @body) @type
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @base))
(decorator) @lead
(type_alias_statement left: (type) @name right: (_) @body) @type

(module [
  (expression_statement (assignment left: (identifier) @name right: (_)? @body) @value)
  (expression_statement (assignment left: [(pattern_list (identifier) @name) (tuple_pattern (identifier) @name)] right: (_)? @body) @value)
  (expression_statement (assignment right: (assignment left: (identifier) @name right: (_)? @body)) @value)
  (if_statement (block (expression_statement (assignment left: (identifier) @name right: (_)? @body) @value)))
  (if_statement (_ (block (expression_statement (assignment left: (identifier) @name right: (_)? @body) @value))))
  (try_statement (block (expression_statement (assignment left: (identifier) @name right: (_)? @body) @value)))
  (try_statement (_ (block (expression_statement (assignment left: (identifier) @name right: (_)? @body) @value))))])
(class_definition body: (block [
  (expression_statement (assignment left: (identifier) @name right: (_)? @body) @value)
  (expression_statement (assignment left: [(pattern_list (identifier) @name) (tuple_pattern (identifier) @name)] right: (_)? @body) @value)
  (expression_statement (assignment right: (assignment left: (identifier) @name right: (_)? @body)) @value)]))
(assignment
  left: (attribute object: (identifier) @among attribute: (identifier) @name)
  right: (_)? @body
  (#set! among "self")) @member

(import_statement name: [(dotted_name) @module (aliased_import name: (dotted_name) @module)]) @import
(import_from_statement module_name: (_) @module) @import
(import_from_statement name: [(dotted_name) @imported (aliased_import name: (dotted_name) @imported)])
(wildcard_import) @imported
