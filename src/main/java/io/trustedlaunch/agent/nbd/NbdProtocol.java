package io.trustedlaunch.agent.nbd;

/** The numbers of the NBD protocol, doc/proto.md of the reference implementation. */
final class NbdProtocol {
    static final long MAGIC = 0x4e42444d41474943L;
    static final long OPTION_MAGIC = 0x49484156454f5054L;
    static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;

    static final int FIXED_NEWSTYLE = 1;
    static final int NO_ZEROES = 1 << 1;

    static final int OPTION_ABORT = 2;
    static final int OPTION_LIST = 3;
    static final int OPTION_EXPORT_NAME = 1;
    static final int OPTION_INFO = 6;
    static final int OPTION_GO = 7;
    static final int OPTION_STRUCTURED_REPLY = 8;
    static final int OPTION_SET_META_CONTEXT = 10;

    static final int OPTION_ACK = 1;
    static final int OPTION_SERVER = 2;
    static final int OPTION_IS_INFO = 3;
    static final int OPTION_META_CONTEXT = 4;
    static final int OPTION_UNSUPPORTED = 1 << 31 | 1;
    static final int OPTION_POLICY = 1 << 31 | 2;
    static final int OPTION_INVALID = 1 << 31 | 3;
    static final int OPTION_UNKNOWN_EXPORT = 1 << 31 | 6;

    static final int INFO_EXPORT = 0;
    static final int INFO_BLOCK_SIZE = 3;

    static final int HAS_FLAGS = 1;
    static final int READ_ONLY = 1 << 1;
    static final int CAN_MULTI_CONNECT = 1 << 8;

    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int REPLY_MAGIC = 0x668e33ef;

    static final int READ = 0;
    static final int WRITE = 1;
    static final int DISCONNECT = 2;
    static final int FLUSH = 3;
    static final int BLOCK_STATUS = 7;

    static final int DONE = 1;

    static final int CHUNK_NONE = 0;
    static final int CHUNK_DATA = 1;
    static final int CHUNK_HOLE = 2;
    static final int CHUNK_STATUS = 5;
    static final int CHUNK_ERROR = 1 << 15;

    /** An error chunk without an offset. */
    static final int CHUNK_FAILED = CHUNK_ERROR | 1;

    /** The protocol's EIO. */
    static final int IO_ERROR = 5;

    /** The protocol's EINVAL. */
    static final int INVALID = 22;

    /** The protocol's ENOSPC. */
    static final int NO_SPACE = 28;

    /** What QEMU takes in one request. */
    static final int MOST_BYTES = 32 << 20;

    private NbdProtocol() {}
}
