// Command etcd is etcd's own server command, built from its Go module:
// the release's main package lives in a module of its own that needs a go.work file.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
