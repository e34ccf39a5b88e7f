; The captures are explained in syntax/captures.py.

(package_clause (package_identifier) @package)
(import_spec path: (_) @module) @import
(import_spec (dot) @all)

(function_declaration name: (_) @name body: (_)? @body) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @owner)) name: (_) @name body: (_)? @body) @method
(type_declaration [(type_spec name: (_) @name type: (_) @body) (type_alias name: (_) @name type: (_) @body)] @type)
(field_declaration_list (field_declaration name: (_) @name) @value)
(field_declaration_list (field_declaration name: (_) @name type: (struct_type) @body) @value)
(field_declaration_list (field_declaration !name type: (_) @base))
(interface_type (method_elem name: (_) @name) @method)
(interface_type (type_elem . [(type_identifier) (qualified_type) (generic_type)] @base .))
(const_spec (identifier) @name) @value
(const_spec . name: (identifier) @name value: (_) @body) @value
(var_spec (identifier) @name) @value
(var_spec . name: (identifier) @name value: (_) @body) @value
