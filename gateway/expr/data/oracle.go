//go:build ignore

// Writes what kube-apiserver's own CEL environment answers to expressions, which a unit test compares with what we
// answer: a value and its type, or why the expression is refused when it is compiled, or fails when it is evaluated.
//
// Run in a module that requires k8s.io/apiserver v0.36.3 (inputs, then a file with an expression per line or
// `random:SEED:COUNT`, then the file of answers):
//
//	cd tests/cluster && go run ../../gateway/expr/data/oracle.go ../../gateway/expr/data/random.go \
//	  ../../gateway/expr/data/inputs.json ../../gateway/expr/data/expressions.txt ../../gateway/expr/tests/parity/table.json
//	cd tests/cluster && go run ../../gateway/expr/data/oracle.go ../../gateway/expr/data/random.go \
//	  ../../gateway/expr/data/inputs.json random:1:700 ../../gateway/expr/tests/parity/random.json
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// An answer has one of value, compile and runtime.
type answer struct {
	Expression string          `json:"e"`
	Value      json.RawMessage `json:"v,omitempty"`
	Type       string          `json:"t,omitempty"`
	Compile    string          `json:"compile,omitempty"`
	Runtime    string          `json:"runtime,omitempty"`
}

func env() *cel.Env {
	base := environment.MustBaseEnvSet(version.MajorMinor(1, 36))
	variables := []cel.EnvOption{}
	for _, name := range []string{"object", "events", "item", "request"} {
		variables = append(variables, cel.Variable(name, cel.DynType))
	}
	set, err := base.Extend(environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: variables})
	must(err)
	return set.StoredExpressionsEnv()
}

// encoded is a value as JSON: doubles have a point or an exponent, times are texts, bytes are base64.
func encoded(value ref.Val) (json.RawMessage, error) {
	text := func(s string) (json.RawMessage, error) {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		err := encoder.Encode(s)
		return bytes.TrimSpace(out.Bytes()), err
	}
	switch v := value.(type) {
	case types.Null:
		return json.RawMessage("null"), nil
	case types.Bool:
		return json.RawMessage(strconv.FormatBool(bool(v))), nil
	case types.Int:
		return json.RawMessage(strconv.FormatInt(int64(v), 10)), nil
	case types.Uint:
		return json.RawMessage(strconv.FormatUint(uint64(v), 10)), nil
	case types.Double:
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("%v is no JSON", v)
		}
		number := strconv.FormatFloat(float64(v), 'g', -1, 64)
		if !strings.ContainsAny(number, ".e") {
			number += ".0"
		}
		return json.RawMessage(number), nil
	case types.String:
		return text(string(v))
	case types.Bytes:
		return text(base64.StdEncoding.EncodeToString(v))
	case types.Timestamp, types.Duration:
		return text(string(v.ConvertToType(types.StringType).(types.String)))
	case *types.Optional:
		if !v.HasValue() {
			return json.RawMessage("null"), nil
		}
		return encoded(v.GetValue())
	case *types.Type:
		return text(v.TypeName())
	case apiservercel.Quantity:
		return text(v.Quantity.String())
	case *apiservercel.Quantity:
		return text(v.Quantity.String())
	case apiservercel.IP:
		return text(v.Addr.String())
	case apiservercel.CIDR:
		return text(v.Prefix.String())
	case apiservercel.Semver:
		return text(v.Version.String())
	case apiservercel.URL:
		return text(v.URL.String())
	case apiservercel.Format:
		return text(v.Name)
	case traits.Lister:
		parts := []string{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			item := it.Next()
			if optional, ok := item.(*types.Optional); ok && !optional.HasValue() {
				continue
			}
			part, err := encoded(item)
			if err != nil {
				return nil, err
			}
			parts = append(parts, string(part))
		}
		return json.RawMessage("[" + strings.Join(parts, ",") + "]"), nil
	case traits.Mapper:
		fields := map[string]json.RawMessage{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			item := v.Get(key)
			if optional, ok := item.(*types.Optional); ok && !optional.HasValue() {
				continue
			}
			part, err := encoded(item)
			if err != nil {
				return nil, err
			}
			fields[string(key.ConvertToType(types.StringType).(types.String))] = part
		}
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		err := encoder.Encode(fields)
		return bytes.TrimSpace(out.Bytes()), err
	}
	return nil, fmt.Errorf("%T is no JSON", value)
}

func firstLine(err error) string {
	text := err.Error()
	text = strings.TrimPrefix(text, "ERROR: <input>:")
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > 160 {
		line = line[:160]
	}
	return line
}

func ask(env *cel.Env, expression string, inputs map[string]any) (result answer) {
	result.Expression = expression
	defer func() {
		if failed := recover(); failed != nil {
			result.Compile, result.Runtime = "", fmt.Sprintf("panic: %v", failed)
		}
	}()
	compiled, issues := env.Compile(expression)
	if issues.Err() != nil {
		result.Compile = firstLine(issues.Err())
		return result
	}
	program, err := env.Program(compiled)
	if err != nil {
		result.Compile = firstLine(err)
		return result
	}
	value, _, err := program.Eval(inputs)
	if err != nil {
		result.Runtime = firstLine(err)
		return result
	}
	out, err := encoded(value)
	if err != nil {
		result.Runtime = firstLine(err)
		return result
	}
	result.Value, result.Type = out, value.Type().TypeName()
	return result
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	must(err)
	inputs := map[string]any{}
	must(utiljson.Unmarshal(raw, &inputs))
	at, err := time.Parse(time.RFC3339Nano, inputs["request"].(map[string]any)["time"].(string))
	must(err)
	inputs["request"].(map[string]any)["time"] = at

	expressions := []string{}
	if seed, count, ok := strings.Cut(strings.TrimPrefix(os.Args[2], "random:"), ":"); ok && strings.HasPrefix(os.Args[2], "random:") {
		number, err := strconv.Atoi(seed)
		must(err)
		total, err := strconv.Atoi(count)
		must(err)
		expressions = randomExpressions(int64(number), total)
	} else {
		raw, err := os.ReadFile(os.Args[2])
		must(err)
		for _, line := range strings.Split(string(raw), "\n") {
			if line != "" && !strings.HasPrefix(line, "# ") {
				expressions = append(expressions, line)
			}
		}
	}
	environment := env()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	out.WriteString("[\n")
	counts := map[string]int{}
	for index, expression := range expressions {
		result := ask(environment, expression, inputs)
		switch {
		case result.Compile != "":
			counts["compile"]++
		case result.Runtime != "":
			counts["runtime"]++
		default:
			counts["value"]++
		}
		must(encoder.Encode(result))
		if index < len(expressions)-1 {
			out.Truncate(out.Len() - 1)
			out.WriteString(",\n")
		}
	}
	out.WriteString("]\n")
	must(os.WriteFile(os.Args[3], out.Bytes(), 0o644))
	fmt.Println(len(expressions), counts)
}
