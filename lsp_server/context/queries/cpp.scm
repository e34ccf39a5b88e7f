; What C++ has beside c.scm.

(namespace_definition name: (_) @name body: (_) @body) @namespace
(template_parameter_list) @lead
(class_specifier name: (_) @name body: (_) @body) @type
(base_class_clause [(type_identifier) (template_type) (qualified_identifier)] @base)
(alias_declaration name: (_) @name) @type
(concept_definition name: (_) @name) @type
(function_definition declarator: (_) @name [(default_method_clause) (delete_method_clause)]) @declared
(declaration declarator: (reference_declarator) @name) @declared
