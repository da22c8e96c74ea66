/**
 * The fencer: it tests the management controllers of machines, and cuts the power of those that the operator names. It decides
 * nothing: the operator says which, and what the outcome proves.
 */
package io.trustedlaunch.fencer;
