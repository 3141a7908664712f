"""Dependencies know whether both ends are open, and where the one that waits stands in the checklist

Revision: 2026_11_22_waits, after 2026_11_22_plugins
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_waits'
down_revision = '2026_11_22_plugins'
branch_labels = None
depends_on = None

# How many items of a phase wait for unfinished ones, and which are the first, is asked by every gate. Read from the
# items at both ends it costs a pass over the whole program; from these columns, a few entries of one index. Triggers
# keep them, so that they are true whoever writes: verbs, bulk statements, foreign keys that a removed phase clears.

SQLITE = (
    """
    CREATE TRIGGER dependency_added AFTER INSERT ON dependency BEGIN
        UPDATE dependency SET
            before_open = (SELECT status NOT IN ('done', 'dropped') FROM work_item WHERE id = NEW.predecessor_id),
            (after_open, phase_id, position) = (
                SELECT status NOT IN ('done', 'dropped'), phase_id, position FROM work_item WHERE id = NEW.successor_id
            )
        WHERE predecessor_id = NEW.predecessor_id AND successor_id = NEW.successor_id;
    END
    """,
    """
    CREATE TRIGGER dependency_followed AFTER UPDATE OF status, phase_id, position ON work_item
    WHEN OLD.status <> NEW.status OR OLD.phase_id IS NOT NEW.phase_id OR OLD.position <> NEW.position BEGIN
        UPDATE dependency SET before_open = NEW.status NOT IN ('done', 'dropped') WHERE predecessor_id = NEW.id;
        UPDATE dependency
        SET after_open = NEW.status NOT IN ('done', 'dropped'), phase_id = NEW.phase_id, position = NEW.position
        WHERE successor_id = NEW.id;
    END
    """,
)
POSTGRESQL = (
    # The items are held until the commit: one that is being finished at this moment must not be taken for open.
    """
    CREATE FUNCTION dependency_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM work_item WHERE id IN (NEW.predecessor_id, NEW.successor_id) ORDER BY id FOR SHARE;
        SELECT status NOT IN ('done', 'dropped') INTO NEW.before_open FROM work_item WHERE id = NEW.predecessor_id;
        SELECT status NOT IN ('done', 'dropped'), phase_id, position
            INTO NEW.after_open, NEW.phase_id, NEW.position FROM work_item WHERE id = NEW.successor_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION dependency_followed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE dependency SET before_open = NEW.status NOT IN ('done', 'dropped') WHERE predecessor_id = NEW.id;
        UPDATE dependency
        SET after_open = NEW.status NOT IN ('done', 'dropped'), phase_id = NEW.phase_id, position = NEW.position
        WHERE successor_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER dependency_added BEFORE INSERT ON dependency
    FOR EACH ROW EXECUTE FUNCTION dependency_added()
    """,
    """
    CREATE TRIGGER dependency_followed AFTER UPDATE OF status, phase_id, position ON work_item
    FOR EACH ROW WHEN (
        OLD.status <> NEW.status OR OLD.phase_id IS DISTINCT FROM NEW.phase_id OR OLD.position <> NEW.position
    ) EXECUTE FUNCTION dependency_followed()
    """,
)
FILL = """
    UPDATE dependency SET
        before_open = (SELECT status NOT IN ('done', 'dropped') FROM work_item WHERE id = predecessor_id),
        (after_open, phase_id, position) = (
            SELECT status NOT IN ('done', 'dropped'), phase_id, position FROM work_item WHERE id = successor_id
        )
"""


def upgrade() -> None:
    for name in ('before_open', 'after_open'):
        op.add_column('dependency', sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('dependency', sa.Column('phase_id', sa.Integer(), nullable=True))
    op.add_column('dependency', sa.Column('position', sa.Integer(), server_default='0', nullable=False))
    op.execute(FILL)
    op.create_index(
        'ix_dependency_waits',
        'dependency',
        ['program_id', 'phase_id', 'position', 'successor_id', 'before_open', 'after_open'],
        sqlite_where=sa.text('before_open = 1 AND after_open = 1'),
        postgresql_where=sa.text('before_open AND after_open'),
    )
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER dependency_followed')
        op.execute('DROP TRIGGER dependency_added')
    else:
        op.execute('DROP TRIGGER dependency_followed ON work_item')
        op.execute('DROP TRIGGER dependency_added ON dependency')
        op.execute('DROP FUNCTION dependency_followed')
        op.execute('DROP FUNCTION dependency_added')
    op.drop_index('ix_dependency_waits', 'dependency')
    for name in ('position', 'phase_id', 'after_open', 'before_open'):
        op.drop_column('dependency', name)
