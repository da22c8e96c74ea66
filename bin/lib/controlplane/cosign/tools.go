//go:build tools

// Package cosign pins the cosign command that signs catalogs in tests.
package cosign

import (
	_ "github.com/sigstore/cosign/v2/cmd/cosign"
)
