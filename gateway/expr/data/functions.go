//go:build ignore

// Writes the overloads of every function in the CEL environment of Kubernetes 1.36, which our checker reads: a line is
// `name(arguments)result`, or `receiver.name(arguments)result` for a member, a capital letter being a type parameter.
// Libraries that need an API server (the authorizer) are left out, and so are operators' internal helpers.
//
// Run in a module that requires k8s.io/apiserver v0.36.3:
//
//	cd tests/cluster && go run ../../gateway/expr/data/functions.go ../../gateway/expr/data/functions.txt
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Upstream's names of type parameters collide with nothing as long as they are one letter.
func written(t *types.Type) string {
	switch t.Kind() {
	case types.TypeParamKind:
		return strings.ToUpper(t.TypeName()[:1])
	case types.TimestampKind:
		return "timestamp"
	case types.DurationKind:
		return "duration"
	case types.DynKind, types.AnyKind:
		return "dyn"
	}
	name := t.TypeName()
	if index := strings.LastIndexByte(name, '.'); index >= 0 {
		name = name[index+1:]
	}
	if name == "optional_type" {
		name = "optional"
	}
	if len(t.Parameters()) == 0 {
		return name
	}
	return name + "<" + all(t.Parameters()) + ">"
}

func all(list []*types.Type) string {
	var out []string
	for _, t := range list {
		out = append(out, written(t))
	}
	return strings.Join(out, ",")
}

func main() {
	set := environment.MustBaseEnvSet(version.MajorMinor(1, 36))
	base, err := set.Env(environment.StoredExpressions)
	must(err)
	functions := base.Functions()
	lines := []string{}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		function := functions[name]
		if function.IsDeclarationDisabled() || strings.Contains(name, "@") && name != "@in" {
			continue
		}
		// In the order of declaration: an unknown type becomes that of the first overload that fits.
		for _, overload := range function.OverloadDecls() {
			arguments := overload.ArgTypes()
			line := ""
			if overload.IsMemberFunction() {
				line = written(arguments[0]) + "."
				arguments = arguments[1:]
			}
			line += fmt.Sprintf("%s(%s)%s", name, all(arguments), written(overload.ResultType()))
			if strings.Contains(line, "Authorizer") || strings.Contains(line, "Check.") || strings.Contains(line, "Decision.") {
				continue
			}
			lines = append(lines, line)
		}
	}
	must(os.WriteFile(os.Args[1], []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}
