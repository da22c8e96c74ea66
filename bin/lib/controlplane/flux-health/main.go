// Command flux-health asks Flux's own code:
//
//	flux-health health KUSTOMIZATIONS OBJECTS   what Flux makes of each object, a line each, with the healthCheckExprs of the
//	                                            Kustomizations in the file, and without any by the library kstatus
//	flux-health kustomizations FILE             the names of the Kustomizations in the file, which may have no unknown field
//
// OBJECTS is a list as JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 3 && arguments[0] == "health":
		return health(arguments[1], arguments[2])
	case len(arguments) == 2 && arguments[0] == "kustomizations":
		kustomizations, err := read(arguments[1])
		for _, kustomization := range kustomizations {
			fmt.Println(kustomization.Name)
		}
		return err
	default:
		return fmt.Errorf("usage: flux-health health KUSTOMIZATIONS OBJECTS | kustomizations FILE")
	}
}

func read(file string) ([]kustomizev1.Kustomization, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []kustomizev1.Kustomization
	for _, document := range bytes.Split(content, []byte("\n---\n")) {
		one := kustomizev1.Kustomization{}
		if err := yaml.UnmarshalStrict(document, &one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func health(file, objects string) error {
	evaluators, err := evaluatorsIn(file)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(objects)
	if err != nil {
		return err
	}
	list := &unstructured.UnstructuredList{}
	if err := json.Unmarshal(content, list); err != nil {
		return err
	}
	for i := range list.Items {
		result, err := compute(evaluators, &list.Items[i])
		if err != nil {
			return err
		}
		fmt.Println(result.Status)
	}
	return nil
}

func evaluatorsIn(file string) (map[schema.GroupKind]*cel.StatusEvaluator, error) {
	kustomizations, err := read(file)
	if err != nil {
		return nil, err
	}
	evaluators := map[schema.GroupKind]*cel.StatusEvaluator{}
	for _, kustomization := range kustomizations {
		for _, check := range kustomization.Spec.HealthCheckExprs {
			evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
			if err != nil {
				return nil, err
			}
			version, err := schema.ParseGroupVersion(check.APIVersion)
			if err != nil {
				return nil, err
			}
			evaluators[schema.GroupKind{Group: version.Group, Kind: check.Kind}] = evaluator
		}
	}
	return evaluators, nil
}

func compute(evaluators map[schema.GroupKind]*cel.StatusEvaluator, object *unstructured.Unstructured) (*status.Result, error) {
	evaluator, ok := evaluators[object.GroupVersionKind().GroupKind()]
	if !ok {
		return status.Compute(object)
	}
	return evaluator.Evaluate(context.Background(), object)
}
