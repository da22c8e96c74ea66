// Command kstatus FILE reads a list of objects as JSON, and prints a line for each: what the library kstatus says of it, by which Flux,
// kpt and others decide whether an object is ready.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: kstatus FILE")
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		return err
	}
	defer file.Close()
	list := &unstructured.UnstructuredList{}
	if err := json.NewDecoder(file).Decode(list); err != nil {
		return err
	}
	for i := range list.Items {
		result, err := status.Compute(&list.Items[i])
		if err != nil {
			return err
		}
		fmt.Println(result.Status)
	}
	return nil
}
