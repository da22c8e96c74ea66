/**
 * The custom resources as records, their conditions and reasons. Javadoc of records becomes the descriptions in the CRDs;
 * docs/api-stability.md says what may change. Everything depends on this package, and it depends on nothing.
 */
package io.trustedlaunch.api;
