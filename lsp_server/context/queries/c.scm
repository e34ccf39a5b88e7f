; The captures are explained in syntax/captures.py. The grammar of C++ reads this file too, and cpp.scm.

(preproc_include path: (_) @module) @import
(preproc_def name: (_) @name value: (_)) @macro
(preproc_function_def name: (_) @name) @macro

(struct_specifier name: (_) @name body: (_) @body) @type
(union_specifier name: (_) @name body: (_) @body) @type
(enum_specifier name: (_) @name body: (_) @body) @type
(enumerator name: (_) @name) @value
(type_definition declarator: (_) @name) @typedef
(type_definition type: (_ body: (_) @body) declarator: (_) @name) @typedef
(field_declaration declarator: (_) @name) @declared

(function_definition declarator: (_) @name body: (_) @body) @declared
(declaration
  declarator: [(identifier) (pointer_declarator) (array_declarator) (function_declarator)] @name) @declared
(declaration declarator: (init_declarator declarator: (_) @name value: (_) @body)) @declared
