; The captures are explained in syntax/captures.py.

(command name: (command_name) @among . argument: (_) @module (#set! among "source .")) @import
(function_definition name: (_) @name body: (_) @body) @function
(program (variable_assignment name: (variable_name) @name value: (_) @body) @value)
(program (declaration_command (variable_assignment name: (variable_name) @name value: (_) @body)) @value)
