package variable

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// Condition is a question about variables in the language of github.com/expr-lang/expr. The zero one never holds.
type Condition struct{ program *vm.Program }

// Compile reads a condition. There is no clock in it: hours nodes know the time. A function that does not exist would only be
// noticed in a call, so it is looked for here.
func Compile(text string) (Condition, error) {
	program, err := expr.Compile(text, expr.Env(map[string]any{}), expr.AllowUndefinedVariables(), expr.AsBool(), expr.DisableBuiltin("now"))
	if err != nil {
		return Condition{}, fmt.Errorf("compile %q: %w", text, err)
	}
	calls := &unknownCalls{}
	tree := program.Node()
	ast.Walk(&tree, calls)
	if len(calls.names) > 0 {
		return Condition{}, fmt.Errorf("no such function: %s", strings.Join(calls.names, ", "))
	}
	return Condition{program}, nil
}

// unknownCalls finds calls of names that are no built-in function: a flow has no functions of its own.
type unknownCalls struct{ names []string }

// Visit implements ast.Visitor.
func (u *unknownCalls) Visit(n *ast.Node) {
	if call, ok := (*n).(*ast.CallNode); ok {
		u.names = append(u.names, call.Callee.String())
	}
}

// Holds says whether the answer is yes. What cannot be answered is no.
func (c Condition) Holds(env map[string]any) bool {
	if c.program == nil {
		return false
	}
	answer, err := expr.Run(c.program, env)
	yes, ok := answer.(bool)
	return err == nil && ok && yes
}
