; The captures are explained in syntax/captures.py.

(use_declaration argument: (_) @module) @import
(use_declaration (visibility_modifier) @offered)
(extern_crate_declaration name: (_) @module) @import
(mod_item name: (_) @module !body) @submodule
(mod_item name: (_) @name body: (_) @body) @namespace
(attribute_item) @lead

(struct_item name: (_) @name body: (_)? @body) @type
(union_item name: (_) @name body: (_) @body) @type
(enum_item name: (_) @name body: (_) @body) @type
(trait_item name: (_) @name body: (_) @body) @type
(trait_item bounds: (trait_bounds [(type_identifier) (scoped_type_identifier) (generic_type)] @base))
(type_item name: (_) @name type: (_) @body) @type
(associated_type name: (_) @name) @type
(impl_item type: (_) @name) @extension
(impl_item trait: (_) @base)

(function_item name: (_) @name body: (_) @body) @function
(function_signature_item name: (_) @name) @function
(field_declaration_list (field_declaration name: (_) @name) @value)
(enum_variant name: (_) @name body: (_)? @body) @value
(const_item name: (_) @name value: (_)? @body) @value
(static_item name: (_) @name value: (_)? @body) @value
(macro_definition name: (_) @name (macro_rule)? @body) @macro
