; The captures are explained in syntax/captures.py. TypeScript and TSX read this file too, and typescript.scm.

(function_declaration name: (_) @name body: (_) @body) @function
(generator_function_declaration name: (_) @name body: (_) @body) @function
(class_declaration name: (_) @name body: (_) @body) @type
(class_body (method_definition name: (_) @name body: (_) @body) @method)
(decorator) @lead

; What a function without a name holds is its own.
(arrow_function body: (statement_block) @scope)
(function_expression body: (statement_block) @scope)

; `const a = 1`, `let f = () => {}`, `var C = class {}`, and the methods of an object: at the top, then exported.
(program [
  (_ (variable_declarator name: (identifier) @name value: (_)? @body) @value)
  (_ (variable_declarator name: (identifier) @name value: [
    (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)
  ]) @function)
  (_ (variable_declarator name: (identifier) @name value: (class body: (_) @body)) @type)
  (_ (variable_declarator value: (object [
    (method_definition name: (_) @name body: (_) @body) @method
    (pair key: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method
  ])))
])
(export_statement [
  (_ (variable_declarator name: (identifier) @name value: (_)? @body) @value)
  (_ (variable_declarator name: (identifier) @name value: [
    (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)
  ]) @function)
  (_ (variable_declarator name: (identifier) @name value: (class body: (_) @body)) @type)
  (_ (variable_declarator value: (object [
    (method_definition name: (_) @name body: (_) @body) @method
    (pair key: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method
  ])))
  (_ (variable_declarator
    name: (object_pattern (shorthand_property_identifier_pattern) @name) value: (_) @body) @value)
])

; CommonJS, and functions that are put into an object: `exports.f = function () {}`, `app.use = ...`.
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @owner property: (_) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method))
(program (expression_statement (assignment_expression
  left: (member_expression property: (property_identifier) @among)
  right: (object [
    (method_definition name: (_) @name body: (_) @body) @function
    (pair key: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @function
  ]))
  (#set! among "exports")))

(import_statement source: (string) @module) @import
(import_clause (identifier) @default)
(import_specifier name: (_) @imported)
(namespace_import) @all
(export_statement source: (string) @module) @export
(export_statement (export_clause (export_specifier name: (_) @imported)) source: (string))
(export_statement ["*" (namespace_export)] @all source: (string))
(call_expression
  function: (identifier) @among arguments: (arguments . (string) @module)
  (#set! among "require")) @import
(variable_declarator
  value: (call_expression function: (identifier) @among arguments: (arguments . (string) @module))
  (#set! among "require")) @import
(variable_declarator
  name: (object_pattern [(shorthand_property_identifier_pattern) @imported (pair_pattern key: (_) @imported)])
  value: (call_expression function: (identifier) @among)
  (#set! among "require"))
