//go:build ignore

// Writes the facts of upstream that our OpenAPI documents must repeat to the letter, and the documents that upstream's
// own builder makes for two CRDs, which the unit tests compare ours with:
//
//	shared.json        definitions (v2), schemas (v3): ObjectMeta, Status, Scale, … as a CRD's documents carry them
//	                   parameters: v2's shared parameters by upstream's (hashed) name
//	                   options: the query parameters of each action, in v2 form
//	                   typeMeta: apiVersion and kind of an object
//	                   descriptions: of metadata
//	golden.*.v2.json   upstream's documents for the two CRDs below, with every verb: one namespaced with status and
//	golden.*.v3.json   scale, one cluster-scoped without subresources
//
// Run in a module that requires k8s.io/kubernetes v1.36.3:
//
//	cd tests/cluster && go run ../../gateway/definition/data/extract.go ../../gateway/definition/data
package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/kube-openapi/pkg/handler"
)

const anyObject = `{"type": "object", "x-kubernetes-preserve-unknown-fields": true}`

const taskSchema = `{
  "type": "object", "description": "A task.", "required": ["spec"],
  "properties": {
    "spec": {"type": "object", "description": "What is to be done.", "required": ["title"], "properties": {
      "title": {"type": "string", "minLength": 1, "description": "One line."},
      "total": {"type": "integer", "format": "int32", "minimum": 0, "default": 1},
      "color": {"type": "string", "enum": ["red", "green"]},
      "steps": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": {
        "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}},
        "anyOf": [{"required": ["name"]}, {"properties": {"name": {"minLength": 2}}}]}},
      "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}, "not": {"maxItems": 0}},
      "template": {"type": "object", "x-kubernetes-embedded-resource": true, "required": ["spec"], "properties": {
        "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}},
      "resource": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
      "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}}},
    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}`

func crd(kind, plural string, scope apiextensionsv1.ResourceScope, schema string) *apiextensionsv1.CustomResourceDefinition {
	version := apiextensionsv1.CustomResourceDefinitionVersion{Name: "v1", Served: true, Storage: true}
	props := &apiextensionsv1.JSONSchemaProps{}
	must(json.Unmarshal([]byte(schema), props))
	version.Schema = &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: props}
	c := &apiextensionsv1.CustomResourceDefinition{}
	c.Spec.Group = "custom-api.example.com"
	c.Spec.Scope = scope
	c.Spec.Names = apiextensionsv1.CustomResourceDefinitionNames{Plural: plural, Kind: kind, ListKind: kind + "List"}
	c.Spec.Versions = []apiextensionsv1.CustomResourceDefinitionVersion{version}
	return c
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

type object = map[string]any

func tree(v any) object {
	raw, err := json.Marshal(v)
	must(err)
	out := object{}
	must(json.Unmarshal(raw, &out))
	return out
}

func write(dir, name string, v any) {
	f, err := os.Create(filepath.Join(dir, name))
	must(err)
	defer f.Close()
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	must(enc.Encode(v))
}

func documents(c *apiextensionsv1.CustomResourceDefinition) (object, object) {
	v2, err := builder.BuildOpenAPIV2(c, "v1", builder.Options{V2: true, IncludeSelectableFields: true})
	must(err)
	v2.Definitions = handler.PruneDefaults(v2.Definitions) // as the CRD controller and kube-apiserver do before they serve
	v3, err := builder.BuildOpenAPIV3(c, "v1", builder.Options{V2: false, IncludeSelectableFields: true})
	must(err)
	return tree(v2), tree(v3)
}

// upstream keeps what is not the CRD's own.
func upstream(definitions object) object {
	out := object{}
	for name, d := range definitions {
		if strings.HasPrefix(name, "io.k8s.") {
			out[name] = d
		}
	}
	return out
}

func deref(v2 object, p any) object {
	if ref, ok := p.(object)["$ref"].(string); ok {
		return v2["parameters"].(object)[strings.TrimPrefix(ref, "#/parameters/")].(object)
	}
	return p.(object)
}

func main() {
	dir := os.Args[1]
	tasks := crd("CustomTask", "customtasks", apiextensionsv1.NamespaceScoped, taskSchema)
	tasks.Spec.Versions[0].Subresources = &apiextensionsv1.CustomResourceSubresources{
		Status: &apiextensionsv1.CustomResourceSubresourceStatus{},
		Scale:  &apiextensionsv1.CustomResourceSubresourceScale{SpecReplicasPath: ".spec.total", StatusReplicasPath: ".status.done"},
	}
	tasks.Spec.Versions[0].SelectableFields = []apiextensionsv1.SelectableField{{JSONPath: ".spec.color"}}
	v2, v3 := documents(tasks)
	write(dir, "golden.customtasks.v2.json", v2)
	write(dir, "golden.customtasks.v3.json", v3)
	c2, c3 := documents(crd("ClusterTask", "clustertasks", apiextensionsv1.ClusterScoped, anyObject))
	write(dir, "golden.clustertasks.v2.json", c2)
	write(dir, "golden.clustertasks.v3.json", c3)

	options := object{}
	for _, item := range c2["paths"].(object) {
		common, _ := item.(object)["parameters"].([]any)
		for _, op := range item.(object) {
			o, ok := op.(object)
			if !ok {
				continue
			}
			action := o["x-kubernetes-action"].(string)
			own, _ := o["parameters"].([]any)
			params := object{}
			for _, p := range append(append([]any{}, own...), common...) {
				param := deref(c2, p)
				if param["in"] == "query" {
					params[param["name"].(string)] = param
				}
			}
			sorted := []any{}
			for _, name := range slices.Sorted(maps.Keys(params)) {
				sorted = append(sorted, params[name])
			}
			options[action] = sorted
		}
	}

	own := v2["definitions"].(object)["com.example.custom-api.v1.CustomTask"].(object)["properties"].(object)
	list := v2["definitions"].(object)["com.example.custom-api.v1.CustomTaskList"].(object)["properties"].(object)
	write(dir, "shared.json", object{
		"definitions":  upstream(v2["definitions"].(object)),
		"schemas":      upstream(v3["components"].(object)["schemas"].(object)),
		"parameters":   v2["parameters"],
		"options":      options,
		"typeMeta":     object{"apiVersion": own["apiVersion"], "kind": own["kind"]},
		"descriptions": object{"object": own["metadata"].(object)["description"], "list": list["metadata"].(object)["description"]},
	})
}
