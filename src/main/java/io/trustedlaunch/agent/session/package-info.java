/**
 * The port for users' sessions with this node, of any kind: a client is admitted by the key that an object of the API names. The API
 * server decides who may create such an object, the operator which node it names.
 */
package io.trustedlaunch.agent.session;
