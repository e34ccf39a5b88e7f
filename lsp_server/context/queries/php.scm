; The captures are explained in syntax/captures.py.

(namespace_definition name: (_) @package)
(namespace_definition name: (_) @name body: (_) @body) @namespace
(namespace_use_declaration) @import @module

(class_declaration name: (_) @name body: (_) @body) @type
(interface_declaration name: (_) @name body: (_) @body) @type
(trait_declaration name: (_) @name body: (_) @body) @type
(enum_declaration name: (_) @name body: (_) @body) @type
(base_clause [(name) (qualified_name)] @base)
(class_interface_clause [(name) (qualified_name)] @base)
(use_declaration [(name) (qualified_name)] @base)
(anonymous_class body: (_) @scope)

(function_definition name: (_) @name body: (_) @body) @function
(method_declaration name: (_) @name body: (_)? @body) @function
(property_promotion_parameter name: (variable_name (name) @name)) @member
(declaration_list
  (property_declaration (property_element name: (variable_name (name) @name) default_value: (_)? @body)) @value)
(const_declaration (const_element . (name) @name . (_) @body)) @value
(enum_case name: (_) @name) @value
(function_call_expression
  function: (name) @among arguments: (arguments . (argument (string (string_content) @name)))
  (#set! among "define")) @value
