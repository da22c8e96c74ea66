/**
 * Finds the format of an image from its bytes, before any tool opens it. All input is treated as hostile: reads are
 * bounded by the file, memory by fixed limits, and no number from the image is used before it is checked.
 */
package io.trustedlaunch.agent.imageform;
