; What TypeScript has beside javascript.scm.

(class_body (public_field_definition name: (_) @name value: (_)? @body) @value)
(class_body (public_field_definition name: (_) @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method)
(class_body (method_signature name: (_) @name) @method)
(class_body (abstract_method_signature name: (_) @name) @method)
(required_parameter [(accessibility_modifier) "readonly"] pattern: (identifier) @name) @member
(abstract_class_declaration name: (_) @name body: (_) @body) @type
(class_heritage (extends_clause value: (_) @base))
(class_heritage (implements_clause (_) @base))

(interface_declaration name: (_) @name body: (_) @body) @type
(interface_declaration (extends_type_clause type: (_) @base))
(interface_body (property_signature name: (_) @name) @value)
(interface_body (method_signature name: (_) @name) @method)
(property_signature name: (_) @name type: (type_annotation (object_type) @body)) @value
(type_alias_declaration name: (_) @name value: (_) @body) @type
(type_alias_declaration value: (object_type (property_signature name: (_) @name) @value))
(type_alias_declaration value: (object_type (method_signature name: (_) @name) @method))
(enum_declaration name: (_) @name body: (_) @body) @type
(enum_body name: (_) @name @value)
(enum_body (enum_assignment name: (_) @name) @value)

(function_signature name: (_) @name) @function
(internal_module name: (_) @name body: (_) @body) @namespace
(module name: (_) @name body: (_) @body) @namespace
(ambient_declaration [
  (lexical_declaration (variable_declarator name: (identifier) @name) @value)
  (variable_declaration (variable_declarator name: (identifier) @name) @value)])

(import_statement (import_require_clause source: (string) @module)) @import
