//go:build tools

// Package versitygw pins the S3 server that backups are tested with.
package versitygw

import (
	_ "github.com/versity/versitygw/cmd/versitygw"
)
