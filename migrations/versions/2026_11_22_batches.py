"""Acts of many rows are found by an index that holds no other entries

Most entries belong to no act of many rows. Counted along, they made the database believe that a batch has half of all
entries, and read them all instead of asking the index.

Revision: 2026_11_22_batches, after 2026_11_22_fiscal_year
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_batches'
down_revision = '2026_11_22_fiscal_year'
branch_labels = None
depends_on = None

_KNOWN = sa.text('batch IS NOT NULL')


def upgrade() -> None:
    op.drop_index('ix_audit_entry_batch', table_name='audit_entry')
    op.create_index(
        'ix_audit_entry_batch', 'audit_entry', ['batch'], sqlite_where=_KNOWN, postgresql_where=_KNOWN
    )


def downgrade() -> None:
    op.drop_index('ix_audit_entry_batch', table_name='audit_entry')
    op.create_index('ix_audit_entry_batch', 'audit_entry', ['batch'])
