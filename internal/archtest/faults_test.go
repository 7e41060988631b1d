package archtest

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryFaultOfSipgoHasATest: fifteen faults were found, and docs/protocols/sipgo-faults.md says which test keeps each out.
func TestEveryFaultOfSipgoHasATest(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "protocols", "sipgo-faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{}
	for _, s := range sources(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test() && strings.HasPrefix(f.Name.Name, "TestSipgoFault") && len(f.Name.Name) > 16 {
				tests[f.Name.Name[:16]] = append(tests[f.Name.Name[:16]], f.Name.Name[16:])
			}
		}
	}
	for n := 1; n <= 15; n++ {
		name := fmt.Sprintf("TestSipgoFault%02d", n)
		if len(tests[name]) == 0 {
			t.Errorf("fault %d has no test", n)
		}
		for _, rest := range tests[name] {
			if !strings.Contains(string(page), name+rest+"`") && !strings.Contains(string(page), "…"+rest+"`") {
				t.Errorf("%s is not on the page", name+rest)
			}
		}
		delete(tests, name)
	}
	for name := range tests {
		t.Errorf("%s… is about no fault known", name)
	}
}
