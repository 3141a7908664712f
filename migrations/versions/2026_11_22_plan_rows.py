"""The first items of each block, and the first dependencies across weeks, are read from indexes

Revision: 2026_11_22_plan_rows, after 2026_11_22_pulse
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_plan_rows'
down_revision = '2026_11_22_pulse'
branch_labels = None
depends_on = None

# As with the columns of 2026_11_22_waits: the days follow from the items at both ends, and triggers keep them.
SQLITE = (
    """
    CREATE TRIGGER dependency_dated AFTER INSERT ON dependency BEGIN
        UPDATE dependency SET
            before_due_on = (SELECT due_on FROM work_item WHERE id = NEW.predecessor_id),
            due_on = (SELECT due_on FROM work_item WHERE id = NEW.successor_id)
        WHERE predecessor_id = NEW.predecessor_id AND successor_id = NEW.successor_id;
    END
    """,
    """
    CREATE TRIGGER dependency_redated AFTER UPDATE OF due_on ON work_item
    WHEN OLD.due_on IS NOT NEW.due_on BEGIN
        UPDATE dependency SET before_due_on = NEW.due_on WHERE predecessor_id = NEW.id;
        UPDATE dependency SET due_on = NEW.due_on WHERE successor_id = NEW.id;
    END
    """,
)
POSTGRESQL = (
    # After the trigger dependency_added, which holds both items until the commit.
    """
    CREATE FUNCTION dependency_dated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT due_on INTO NEW.before_due_on FROM work_item WHERE id = NEW.predecessor_id;
        SELECT due_on INTO NEW.due_on FROM work_item WHERE id = NEW.successor_id;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION dependency_redated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE dependency SET before_due_on = NEW.due_on WHERE predecessor_id = NEW.id;
        UPDATE dependency SET due_on = NEW.due_on WHERE successor_id = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER dependency_dated BEFORE INSERT ON dependency
    FOR EACH ROW EXECUTE FUNCTION dependency_dated()
    """,
    """
    CREATE TRIGGER dependency_redated AFTER UPDATE OF due_on ON work_item
    FOR EACH ROW WHEN (OLD.due_on IS DISTINCT FROM NEW.due_on) EXECUTE FUNCTION dependency_redated()
    """,
)
FILL = """
    UPDATE dependency SET
        before_due_on = (SELECT due_on FROM work_item WHERE id = predecessor_id),
        due_on = (SELECT due_on FROM work_item WHERE id = successor_id)
"""


def upgrade() -> None:
    for name in ('before_due_on', 'due_on'):
        op.add_column('dependency', sa.Column(name, sa.Date(), nullable=True))
    op.execute(FILL)
    op.create_index(
        'ix_dependency_due',
        'dependency',
        ['program_id', 'due_on', 'successor_id', 'predecessor_id', 'before_due_on', 'before_open', 'after_open'],
        sqlite_where=sa.text('before_open = 1 AND after_open = 1'),
        postgresql_where=sa.text('before_open AND after_open'),
    )
    op.create_index('ix_work_item_block', 'work_item', ['program_id', 'phase_id', 'block_id', 'position', 'kind'])
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER dependency_redated')
        op.execute('DROP TRIGGER dependency_dated')
    else:
        op.execute('DROP TRIGGER dependency_redated ON work_item')
        op.execute('DROP TRIGGER dependency_dated ON dependency')
        op.execute('DROP FUNCTION dependency_redated')
        op.execute('DROP FUNCTION dependency_dated')
    op.drop_index('ix_work_item_block', 'work_item')
    op.drop_index('ix_dependency_due', 'dependency')
    for name in ('due_on', 'before_due_on'):
        op.drop_column('dependency', name)
