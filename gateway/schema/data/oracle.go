//go:build ignore

// Writes what upstream's own code says of random schemas and values, which a unit test compares with what we say:
// whether a CustomResourceDefinition would be refused, what is pruned and defaulted, what is wrong with an object that
// is created or that follows another.
//
// Run in a module that requires k8s.io/apiextensions-apiserver v0.36.3 (seed, number of schemas, file):
//
//	cd tests/cluster && go run ../../gateway/schema/data/oracle.go 1 140 ../../gateway/schema/tests/structural/oracle.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/cel/common"
)

type object = map[string]any

// A case is one schema: its refusal, or what becomes of objects.
type schemaCase struct {
	Schema  object       `json:"schema"`
	Refused []string     `json:"refused,omitempty"`
	Objects []objectCase `json:"objects,omitempty"`
}

type objectCase struct {
	Before  object   `json:"before,omitempty"`
	Given   object   `json:"given"`
	Unknown []string `json:"unknown,omitempty"`
	Result  object   `json:"result"`
	Faults  []string `json:"faults,omitempty"`
}

var random *rand.Rand

// sound keeps the values of int-or-string to their types: upstream takes others as defaults, though no object with them
// is valid, and we do not.
var sound bool

func chance(percent int) bool { return random.Intn(100) < percent }

func pick[T any](from ...T) T { return from[random.Intn(len(from))] }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// decoded is a value as Kubernetes decodes it.
func decoded[T any](value any) T {
	raw, err := json.Marshal(value)
	must(err)
	var out T
	must(utiljson.Unmarshal(raw, &out))
	return out
}

func text() string {
	return pick("", "a", "ab", "abc", "abcd", "red", "1", "10.0.0.1", "2026-01-02", "é", "a/b", "v1", "Kind")
}

func number() any {
	return pick[any](-1, 0, 1, 2, 3, 7, 1.5, 2.25, 1e3, 3000000000, -0.5)
}

func scalar() any { return pick[any](text(), text(), number(), number(), true, false) }

// constrain adds what judges values of a type.
func constrain(node object, kind string) {
	some := func(percent int, keyword string, value any) {
		if chance(percent) {
			node[keyword] = value
		}
	}
	switch kind {
	case "string":
		some(20, "minLength", random.Intn(3))
		some(20, "maxLength", random.Intn(5))
		some(15, "pattern", pick("^a", "b$", "^[a-z]*$"))
		some(15, "enum", []any{"a", "red"})
		some(15, "format", pick("date", "ipv4", "byte", "color", "int32"))
	case "integer", "number":
		some(25, "minimum", pick[any](0, 1, -1, 1.5))
		some(25, "maximum", pick[any](2, 3, 7))
		some(10, "exclusiveMinimum", true)
		some(10, "exclusiveMaximum", true)
		some(15, "multipleOf", pick[any](2, 3, 0.5))
		some(10, "enum", []any{1, 2})
		if kind == "integer" {
			some(20, "format", pick("int32", "int64", "date"))
		} else {
			some(20, "format", pick("float", "double", "int32"))
		}
	case "array":
		some(15, "minItems", random.Intn(3))
		some(15, "maxItems", random.Intn(4))
	case "object":
		some(10, "minProperties", random.Intn(3))
		some(10, "maxProperties", random.Intn(5))
	}
}

func names() []string { return []string{"a", "b", "c", "key"} }

// node is a schema that declares; mostly sound, now and then not.
func node(depth int) object {
	kind := pick("string", "string", "integer", "integer", "number", "boolean", "object", "object", "array", "array", "map", "either", "any")
	if depth <= 0 && slices.Contains([]string{"object", "array", "map"}, kind) {
		kind = "string"
	}
	out := object{"type": kind}
	switch kind {
	case "map":
		out = object{"type": "object", "additionalProperties": node(depth - 1)}
		if chance(20) {
			out["additionalProperties"] = true
		}
	case "either":
		out = object{"x-kubernetes-int-or-string": true}
		if chance(30) {
			out["anyOf"] = []any{object{"type": "integer"}, object{"type": "string"}}
		} else if chance(30) {
			out["allOf"] = []any{object{"anyOf": []any{object{"type": "integer"}, object{"type": "string"}}}, nested(out, 1)}
		}
	case "any":
		out = object{"x-kubernetes-preserve-unknown-fields": true}
		if chance(50) {
			out["type"] = "object"
		}
	case "object":
		properties(out, depth)
		if chance(15) {
			embed(out)
		}
	case "array":
		list(out, depth)
	}
	if out["type"] != nil {
		constrain(out, out["type"].(string))
	}
	if chance(15) {
		out["nullable"] = true
	}
	if chance(20) {
		sound = true
		out["default"] = value(out, depth)
		sound = false
	}
	if chance(30) {
		junctors(out, depth)
	}
	if chance(3) && out["default"] == nil {
		out[pick("uniqueItems", "x-kubernetes-int-or-string", "x-kubernetes-embedded-resource")] = true
	}
	if chance(2) {
		delete(out, "type")
	}
	return out
}

func properties(out object, depth int) {
	declared := object{}
	for _, name := range names() {
		if chance(60) {
			declared[name] = node(depth - 1)
		}
	}
	out["properties"] = declared
	if chance(40) {
		out["required"] = []any{pick(names()...)}
	}
	if chance(10) {
		out["x-kubernetes-preserve-unknown-fields"] = true
	}
	if chance(15) {
		out["x-kubernetes-map-type"] = pick("atomic", "granular", "other")
	}
}

func embed(out object) {
	out["x-kubernetes-embedded-resource"] = true
	if chance(50) {
		out["x-kubernetes-preserve-unknown-fields"] = true
	}
	if chance(30) {
		out["properties"].(object)["kind"] = object{"type": pick("string", "string", "integer")}
	}
}

func list(out object, depth int) {
	items := node(depth - 1)
	out["items"] = items
	switch {
	case chance(25):
		out["x-kubernetes-list-type"] = "set"
		if items["type"] == "object" && chance(80) {
			items["x-kubernetes-map-type"] = "atomic"
		}
	case chance(45):
		out["x-kubernetes-list-type"] = "map"
		out["x-kubernetes-list-map-keys"] = pick([]any{"key"}, []any{"key"}, []any{"a", "key"}, []any{"key", "key"})
		if chance(90) {
			items = object{"type": "object", "properties": object{"key": object{"type": "string"}, "a": object{"type": "integer", "default": 1}, "b": node(depth - 1)}}
			if chance(80) {
				items["required"] = []any{"key"}
			}
			out["items"] = items
		}
	case chance(20):
		out["x-kubernetes-list-type"] = pick("atomic", "bag")
	}
	if chance(3) {
		delete(out, "items")
	}
}

func junctors(out object, depth int) {
	several := func() []any {
		var all []any
		for range 1 + random.Intn(3) {
			all = append(all, nested(out, depth))
		}
		return all
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		if chance(40) && out[keyword] == nil {
			out[keyword] = several()
		}
	}
	if chance(25) {
		out["not"] = nested(out, depth)
	}
}

// nested judges the values of a schema.
func nested(of object, depth int) object {
	out := object{}
	kind, _ := of["type"].(string)
	if kind == "" {
		kind = pick("string", "integer")
	}
	constrain(out, kind)
	// Upstream judges defaults with formats that it ignores everywhere else.
	if format, _ := out["format"].(string); !slices.Contains([]string{"date", "ipv4", "byte"}, format) || kind != "string" {
		delete(out, "format")
	}
	if kind == "object" {
		declared, _ := of["properties"].(object)
		inner := object{}
		for _, name := range names() {
			if property, ok := declared[name].(object); ok && chance(40) {
				inner[name] = nested(property, depth-1)
			}
		}
		if chance(3) {
			inner["undeclared"] = object{"minLength": 1}
		}
		if len(inner) > 0 {
			out["properties"] = inner
		}
		if chance(50) {
			out["required"] = []any{pick(names()...)}
		}
	}
	if items, ok := of["items"].(object); ok && chance(50) {
		out["items"] = nested(items, depth-1)
	}
	if depth > 0 && chance(15) {
		junctors(out, depth-1)
	}
	if chance(4) {
		keyword := pick("type", "default", "title", "description", "nullable", "x-kubernetes-list-type", "additionalProperties", "x-kubernetes-map-type", "x-kubernetes-int-or-string")
		out[keyword] = map[string]any{"type": "string", "default": "a", "title": "t", "description": "d", "nullable": true,
			"x-kubernetes-list-type": "atomic", "additionalProperties": pick(true, false), "x-kubernetes-map-type": "atomic", "x-kubernetes-int-or-string": true}[keyword]
	}
	return out
}

// value is one for a schema; mostly of the right type.
func value(of object, depth int) any {
	if sound && of["x-kubernetes-int-or-string"] == true {
		return pick[any](text(), 1)
	}
	if chance(7) {
		return pick[any](scalar(), nil, []any{scalar()}, object{"a": scalar()})
	}
	switch of["type"] {
	case "string":
		return text()
	case "integer":
		return pick[any](0, 1, 2, 3, 7, -1, 3000000000)
	case "number":
		return number()
	case "boolean":
		return chance(50)
	case "array":
		var items []any
		schema, _ := of["items"].(object)
		for range random.Intn(4) {
			items = append(items, value(schema, depth-1))
		}
		if items == nil {
			items = []any{}
		}
		return items
	case "object":
		return fields(of, depth)
	}
	return scalar()
}

func fields(of object, depth int) object {
	out := object{}
	declared, _ := of["properties"].(object)
	additional, _ := of["additionalProperties"].(object)
	for _, name := range names() {
		if property, ok := declared[name].(object); ok && chance(70) {
			out[name] = value(property, depth-1)
		} else if additional != nil && chance(50) {
			out[name] = value(additional, depth-1)
		}
	}
	if of["x-kubernetes-embedded-resource"] == true && chance(85) {
		out["apiVersion"] = pick[any]("v1", "apps/v1", "a/b/c", "", 1)
		out["kind"] = pick[any]("Pod", "Pod", "pod!", "", true)
	}
	if chance(10) {
		out["unknown"] = pick[any](1, object{"x": 1}, []any{object{"y": 1}})
	}
	return out
}

// changed is an object that could follow another.
func changed(of object, before object) object {
	after := runtime.DeepCopyJSON(before)
	fresh := fields(of, 3)
	for name, value := range decoded[object](fresh) {
		if chance(40) {
			after[name] = value
		}
	}
	for name := range before {
		if chance(10) {
			delete(after, name)
		}
	}
	for name, value := range after {
		inner, ok := value.(map[string]any)
		schema, _ := of["properties"].(object)[name].(object)
		if ok && schema["properties"] != nil && chance(60) {
			after[name] = changed(schema, inner)
		}
		if items, ok := value.([]any); ok && len(items) > 1 && chance(50) {
			items = slices.Clone(items)
			slices.Reverse(items)
			after[name] = items[:len(items)-random.Intn(2)]
		}
	}
	return after
}

func refusal(props *apiextensions.JSONSchemaProps) []string {
	crd := &apiextensions.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "as.g.example.com"}}
	crd.Spec = apiextensions.CustomResourceDefinitionSpec{
		Group: "g.example.com", Scope: apiextensions.ClusterScoped,
		Names:      apiextensions.CustomResourceDefinitionNames{Plural: "as", Singular: "a", Kind: "A", ListKind: "AList"},
		Versions:   []apiextensions.CustomResourceDefinitionVersion{{Name: "v1", Served: true, Storage: true}},
		Validation: &apiextensions.CustomResourceValidation{OpenAPIV3Schema: props},
		Conversion: &apiextensions.CustomResourceConversion{Strategy: apiextensions.NoneConverter},
	}
	keep := false
	crd.Spec.PreserveUnknownFields = &keep
	crd.Status.StoredVersions = []string{"v1"}
	return errorTexts(crdvalidation.ValidateCustomResourceDefinition(context.Background(), crd), "spec.validation.openAPIV3Schema")
}

func errorTexts(errs field.ErrorList, prefix string) []string {
	var texts []string
	for _, err := range errs {
		texts = append(texts, strings.ReplaceAll(err.Error(), prefix, "s"))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// received is an object pruned and defaulted.
func received(schema *structuralschema.Structural, given object) (object, []string) {
	out := decoded[object](given)
	unknown := pruning.PruneWithOptions(out, schema, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	defaulting.PruneNonNullableNullsWithoutDefaults(out, schema)
	defaulting.Default(out, schema)
	return out, unknown
}

func judge(props *apiextensions.JSONSchemaProps, schema *structuralschema.Structural, before, after object) []string {
	validator, _, err := validation.NewSchemaValidator(props)
	must(err)
	var errs field.ErrorList
	if before == nil {
		errs = validation.ValidateCustomResource(nil, after, validator)
	} else {
		correlated := common.NewCorrelatedObject(after, before, &model.Structural{Structural: schema})
		errs = validation.ValidateCustomResourceUpdate(nil, after, before, validator, validation.WithRatcheting(correlated))
	}
	errs = append(errs, objectmeta.Validate(nil, after, schema, false)...)
	if before == nil || len(listtype.ValidateListSetsAndMaps(nil, schema, before)) == 0 {
		errs = append(errs, listtype.ValidateListSetsAndMaps(nil, schema, after)...)
	}
	return errorTexts(errs, "no prefix")
}

func objects(root object, props *apiextensions.JSONSchemaProps, schema *structuralschema.Structural) []objectCase {
	var cases []objectCase
	typed := func(fields object) object {
		fields["apiVersion"], fields["kind"], fields["metadata"] = "g.example.com/v1", "A", object{"name": "n"}
		return fields
	}
	for range 4 {
		given := typed(fields(root, 3))
		result, unknown := received(schema, given)
		cases = append(cases, objectCase{Given: decoded[object](given), Unknown: unknown, Result: result, Faults: judge(props, schema, nil, decoded[object](result))})
		next := typed(changed(root, result))
		after, unknown := received(schema, next)
		cases = append(cases, objectCase{Before: result, Given: decoded[object](next), Unknown: unknown, Result: after, Faults: judge(props, schema, decoded[object](result), decoded[object](after))})
	}
	return cases
}

func one() schemaCase {
	root := object{"type": "object"}
	properties(root, 3)
	delete(root, "x-kubernetes-map-type")
	if chance(25) {
		junctors(root, 2)
	}
	constrain(root, "object")
	var v1 apiextensionsv1.JSONSchemaProps
	raw, err := json.Marshal(root)
	must(err)
	must(json.Unmarshal(raw, &v1))
	var props apiextensions.JSONSchemaProps
	must(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&v1, &props, nil))
	if refused := refusal(&props); len(refused) > 0 {
		return schemaCase{Schema: root, Refused: refused}
	}
	schema, err := structuralschema.NewStructural(&props)
	must(err)
	return schemaCase{Schema: root, Objects: objects(root, &props, schema)}
}

func main() {
	seed, err := strconv.ParseInt(os.Args[1], 10, 64)
	must(err)
	count, err := strconv.Atoi(os.Args[2])
	must(err)
	random = rand.New(rand.NewSource(seed))
	file, err := os.Create(os.Args[3])
	must(err)
	defer file.Close()
	refused := 0
	for i := range count {
		found := one()
		// Most schemas are to be sound: of the others every third is kept.
		for len(found.Refused) > 0 && chance(66) {
			found = one()
		}
		if len(found.Refused) > 0 {
			refused++
		}
		raw, err := json.Marshal(found)
		must(err)
		fmt.Fprintf(file, "%s%s\n", map[bool]string{true: "[", false: ","}[i == 0], raw)
	}
	fmt.Fprintln(file, "]")
	fmt.Fprintf(os.Stderr, "%d schemas, %d of them refused\n", count, refused)
}
