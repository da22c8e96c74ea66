/**
 * The controller of ImageCatalogs: fetches them from their source, verifies them, and caches the last good one in a
 * Secret.
 */
package io.trustedlaunch.operator.catalog;
