package io.trustedlaunch.custody;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** A TLS 1.3 handshake in memory, without sockets and threads; each end's session as the handshake left it. */
record Handshake(SSLSession client, SSLSession server) {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int MAX_ROUNDS = 200;

    /** The server requires a certificate of the client. */
    static Handshake between(SSLContext client, SSLContext server) throws SSLException {
        return between(client, server, true);
    }

    static Handshake between(SSLContext client, SSLContext server, boolean clientCertificate) throws SSLException {
        SSLEngine clientEnd = engine(client, true);
        SSLEngine serverEnd = engine(server, false);
        serverEnd.setNeedClientAuth(clientCertificate);
        ByteBuffer toClient = ByteBuffer.allocate(BUFFER_BYTES);
        ByteBuffer toServer = ByteBuffer.allocate(BUFFER_BYTES);
        clientEnd.beginHandshake();
        serverEnd.beginHandshake();
        for (int round = 0; isUnderWay(clientEnd) || isUnderWay(serverEnd); round++) {
            if (round == MAX_ROUNDS) {
                throw new AssertionError("the handshake does not end");
            }
            step(clientEnd, toClient, toServer);
            step(serverEnd, toServer, toClient);
        }
        return new Handshake(clientEnd.getSession(), serverEnd.getSession());
    }

    private static SSLEngine engine(SSLContext context, boolean client) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(client);
        engine.setEnabledProtocols(new String[] {NodeChannel.PROTOCOL});
        return engine;
    }

    private static boolean isUnderWay(SSLEngine engine) {
        return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                in.flip();
                engine.unwrap(in, ByteBuffer.allocate(BUFFER_BYTES));
                in.compact();
            }
            case FINISHED, NOT_HANDSHAKING -> {}
        }
    }
}
