; What the grammars of JavaScript and of TypeScript call differently, as JavaScript has it.

(class_body (field_definition property: (_) @name value: (_)? @body) @value)
(class_body (field_definition property: (_) @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body)]) @method)
(class_declaration (class_heritage (_) @base))
(class (class_heritage (_) @base))
