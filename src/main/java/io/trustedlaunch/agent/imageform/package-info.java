/**
 * What the bytes of an image are, found by our own reading before any tool opens it. Everything read is taken for hostile:
 * reads are bounded by the file, memory by limits of ours, and no number of the image is used before it was compared.
 */
package io.trustedlaunch.agent.imageform;
