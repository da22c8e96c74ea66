//go:build tools

package main

import (
	// etcdutl restores snapshots with a raised revision, which etcd itself cannot.
	_ "go.etcd.io/etcd/etcdutl/v3"
)
