; The captures are explained in syntax/captures.py.

(package_declaration [(scoped_identifier) (identifier)] @package)
(import_declaration) @import @module

(class_declaration name: (_) @name body: (_) @body) @type
(interface_declaration name: (_) @name body: (_) @body) @type
(enum_declaration name: (_) @name body: (_) @body) @type
(record_declaration name: (_) @name body: (_) @body) @type
(annotation_type_declaration name: (_) @name body: (_) @body) @type
(superclass (_) @base)
(super_interfaces (type_list (_) @base))
(extends_interfaces (type_list (_) @base))

(method_declaration name: (_) @name body: (_)? @body) @function
(constructor_declaration name: (_) @name body: (_) @body) @function
(compact_constructor_declaration name: (_) @name body: (_) @body) @function
(annotation_type_element_declaration name: (_) @name) @function
(class_body (field_declaration declarator: (variable_declarator name: (_) @name value: (_)? @body)) @value)
(enum_body_declarations
  (field_declaration declarator: (variable_declarator name: (_) @name value: (_)? @body)) @value)
(constant_declaration declarator: (variable_declarator name: (_) @name value: (_)? @body)) @value
(enum_constant name: (_) @name body: (_)? @body) @value
(record_declaration parameters: (formal_parameters (formal_parameter name: (_) @name) @value))
