/** The container images that {@code bin/images} builds, and what {@code bin/release} publishes. */
package io.trustedlaunch.images;
