/** Tests of the Maven profile {@code kind-testcontainers}. */
package io.trustedlaunch.stock;
