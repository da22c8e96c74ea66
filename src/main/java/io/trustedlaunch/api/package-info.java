/**
 * The custom resources as records, in a room for each kind of thing; here are the condition types and reasons of all kinds,
 * and what more than one of the rooms needs. Javadoc of records becomes the descriptions in the CRDs; docs/api-stability.md
 * says what may change. Everything depends on these rooms, and they depend on nothing else.
 */
package io.trustedlaunch.api;
