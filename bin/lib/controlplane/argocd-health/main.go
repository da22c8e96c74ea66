// Command argocd-health asks Argo CD's own code, with the settings of a ConfigMap argocd-cm:
//
//	argocd-health health CONFIGMAP OBJECTS       its health of each object: a line with status, tab, message
//	argocd-health actions CONFIGMAP OBJECTS      the enabled actions of each object, a line each
//	argocd-health run ACTION CONFIGMAP OBJECTS   each object as the action makes it, a line of JSON each
//	argocd-health drift OBJECTS LIVE             for each object in Git and as it is in the cluster: Synced or OutOfSync
//	argocd-health applications FILE              the names of the Applications in the file, which may have no unknown field
//
// OBJECTS and LIVE are lists as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	verb := strings.Join(arguments[:min(1, len(arguments))], "")
	switch {
	case verb == "health" && len(arguments) == 3:
		return each(arguments[1], arguments[2], healthOf)
	case verb == "actions" && len(arguments) == 3:
		return each(arguments[1], arguments[2], actionsOf)
	case verb == "run" && len(arguments) == 4:
		return each(arguments[2], arguments[3], func(vm lua.VM, object *unstructured.Unstructured) (string, error) {
			return changed(vm, object, arguments[1])
		})
	case verb == "drift" && len(arguments) == 3:
		return drift(arguments[1], arguments[2])
	case verb == "applications" && len(arguments) == 2:
		return applications(arguments[1])
	default:
		return fmt.Errorf("usage: argocd-health health|actions|run|drift|applications …, see its source")
	}
}

// each prints a line for each object.
func each(settings, objects string, line func(lua.VM, *unstructured.Unstructured) (string, error)) error {
	overrides, err := overridesIn(settings)
	if err != nil {
		return err
	}
	list, err := read(objects)
	if err != nil {
		return err
	}
	for i := range list.Items {
		text, err := line(lua.VM{ResourceOverrides: overrides}, &list.Items[i])
		if err != nil {
			return err
		}
		fmt.Println(text)
	}
	return nil
}

// overridesIn reads the key that allows wildcards; ConfigMaps have none in the names of their keys.
func overridesIn(settings string) (map[string]v1alpha1.ResourceOverride, error) {
	content, err := os.ReadFile(settings)
	if err != nil {
		return nil, err
	}
	var configMap struct {
		Data map[string]string `json:"data"`
	}
	if err := yaml.Unmarshal(content, &configMap); err != nil {
		return nil, err
	}
	overrides := map[string]v1alpha1.ResourceOverride{}
	return overrides, yaml.Unmarshal([]byte(configMap.Data["resource.customizations"]), &overrides)
}

func read(file string) (*unstructured.UnstructuredList, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list := &unstructured.UnstructuredList{}
	return list, json.Unmarshal(content, list)
}

func healthOf(vm lua.VM, object *unstructured.Unstructured) (string, error) {
	is, err := health.GetResourceHealth(object, lua.ResourceHealthOverrides(vm.ResourceOverrides))
	if err != nil {
		return "", err
	}
	if is == nil {
		return "\t", nil
	}
	return string(is.Status) + "\t" + is.Message, nil
}

func actionsOf(vm lua.VM, object *unstructured.Unstructured) (string, error) {
	scripts, err := vm.GetResourceActionDiscovery(object)
	if err != nil {
		return "", err
	}
	all, err := vm.ExecuteResourceActionDiscovery(object, scripts)
	if err != nil {
		return "", err
	}
	var names []string
	for _, action := range all {
		if !action.Disabled {
			names = append(names, action.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ","), nil
}

func changed(vm lua.VM, object *unstructured.Unstructured, name string) (string, error) {
	action, err := vm.GetResourceAction(object, name)
	if err != nil {
		return "", err
	}
	impacted, err := vm.ExecuteResourceAction(object, action.ActionLua, nil)
	if err != nil {
		return "", err
	}
	if len(impacted) != 1 || impacted[0].K8SOperation != lua.PatchOperation {
		return "", fmt.Errorf("action %s does more than change the object", name)
	}
	content, err := json.Marshal(impacted[0].UnstructuredObj)
	return string(content), err
}

// drift compares as Argo CD does by default, without the server's help.
func drift(desired, live string) error {
	wanted, err := read(desired)
	if err != nil {
		return err
	}
	found, err := read(live)
	if err != nil {
		return err
	}
	for i := range wanted.Items {
		result, err := diff.Diff(&wanted.Items[i], &found.Items[i])
		if err != nil {
			return err
		}
		if result.Modified {
			fmt.Println("OutOfSync")
		} else {
			fmt.Println("Synced")
		}
	}
	return nil
}

func applications(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, document := range bytes.Split(content, []byte("\n---\n")) {
		application := v1alpha1.Application{}
		if err := yaml.UnmarshalStrict(document, &application); err != nil {
			return err
		}
		fmt.Println(application.Name)
	}
	return nil
}
