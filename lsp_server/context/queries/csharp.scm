; The captures are explained in syntax/captures.py.

(using_directive) @import @module
(file_scoped_namespace_declaration name: (_) @package)
(namespace_declaration name: (_) @package)
(namespace_declaration name: (_) @name body: (_) @body) @namespace

(class_declaration name: (_) @name body: (_)? @body) @type
(struct_declaration name: (_) @name body: (_)? @body) @type
(interface_declaration name: (_) @name body: (_)? @body) @type
(record_declaration name: (_) @name body: (_)? @body) @type
(enum_declaration name: (_) @name body: (_)? @body) @type
(delegate_declaration name: (_) @name) @type
(base_list [(identifier) (generic_name) (qualified_name)] @base)

(method_declaration name: (_) @name body: (_)? @body) @function
(constructor_declaration name: (_) @name body: (_)? @body) @function
(global_statement (local_function_statement name: (_) @name body: (_)? @body) @function)
(property_declaration name: (_) @name [(accessor_list) (arrow_expression_clause)] @body) @value
(event_declaration name: (_) @name accessors: (_)? @body) @value
(event_field_declaration (variable_declaration (variable_declarator name: (_) @name))) @value
(field_declaration (variable_declaration (variable_declarator name: (_) @name . (_)? @body))) @value
(enum_member_declaration name: (_) @name) @value
(record_declaration (parameter_list (parameter name: (_) @name) @value))
