"""Which workers have a repository's mirror: subjects fall into buckets, and the shards at work divide those.

By rendezvous hashing, so that a shard that comes or goes moves only its own buckets. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

BUCKETS = 64


def bucket_of(subject: str) -> int:
    return number(subject) % BUCKETS


def home(bucket: int, shards: Collection[str]) -> str:
    """The shard whose bucket this is; of none at all, none."""
    return max(shards, key=lambda shard: (number(f"{shard} {bucket}"), shard), default="")


def buckets_of(shard: str, shards: Collection[str]) -> list[int]:
    return [bucket for bucket in range(BUCKETS) if home(bucket, shards) == shard]


def number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
