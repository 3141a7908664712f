"""Meetings: attendance, notes, decisions and approved minutes; when the weekly report is drafted

Revision: 2026_11_22_meetings, after 2026_11_22_figures
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_22_meetings'
down_revision = '2026_11_22_figures'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('steering_plan') as batch_op:
        batch_op.add_column(sa.Column('announce_days', sa.Integer(), nullable=False, server_default='3'))
        batch_op.add_column(sa.Column('report_weekday', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('report_hour', sa.Integer(), nullable=False, server_default='14'))
        batch_op.add_column(sa.Column('report_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_steering_plan_report_at', ['report_at'])
    with op.batch_alter_table('committee_meeting') as batch_op:
        batch_op.drop_column('attended')
        batch_op.add_column(sa.Column('sequence', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(
            sa.Column('dated_at', sa.DateTime(timezone=True), nullable=False, server_default='2026-01-01 00:00:00')
        )
        batch_op.add_column(sa.Column('agenda_plan', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('attendance', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('meeting_action') as batch_op:
        batch_op.add_column(sa.Column('point', sa.String(length=40), nullable=False, server_default=''))
    op.execute('UPDATE committee_meeting SET dated_at = created_at')
    for table, names in _NEW.items():
        with op.batch_alter_table(table) as batch_op:
            for name in names:
                batch_op.alter_column(name, server_default=None)
    # Nothing wrote a report before.
    op.execute('DELETE FROM status_report')
    with op.batch_alter_table('status_report') as batch_op:
        batch_op.drop_column('draft')
        batch_op.drop_column('text')
        batch_op.add_column(sa.Column('since', sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column('until', sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column('drafts', sa.JSON(), nullable=False))
        batch_op.add_column(sa.Column('texts', sa.JSON(), nullable=False))
    op.create_table('meeting_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('point', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['committee_meeting.id'], name=op.f('fk_meeting_note_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_meeting_note_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_note')),
    sa.UniqueConstraint('meeting_id', 'point', name=op.f('uq_meeting_note_meeting_id_point'))
    )
    op.create_table('meeting_decision',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['committee_meeting.id'], name=op.f('fk_meeting_decision_meeting_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['request_id'], ['decision_request.id'], name=op.f('fk_meeting_decision_request_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('meeting_id', 'request_id', name=op.f('pk_meeting_decision'))
    )
    op.create_index(op.f('ix_meeting_decision_request_id'), 'meeting_decision', ['request_id'])
    op.create_table('meeting_minutes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('record', sa.Text(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name=op.f('fk_meeting_minutes_approved_by_id')),
    sa.ForeignKeyConstraint(['meeting_id'], ['committee_meeting.id'], name=op.f('fk_meeting_minutes_meeting_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['program_id'], ['program.id'], name=op.f('fk_meeting_minutes_program_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_minutes')),
    sa.UniqueConstraint('meeting_id', name=op.f('uq_meeting_minutes_meeting_id')),
    sa.UniqueConstraint('program_id', 'sequence', name=op.f('uq_meeting_minutes_program_id_sequence'))
    )


def downgrade() -> None:
    op.drop_table('meeting_minutes')
    op.drop_index(op.f('ix_meeting_decision_request_id'), 'meeting_decision')
    op.drop_table('meeting_decision')
    op.drop_table('meeting_note')
    op.execute('DELETE FROM status_report')
    with op.batch_alter_table('status_report') as batch_op:
        for name in ('texts', 'drafts', 'until', 'since'):
            batch_op.drop_column(name)
        batch_op.add_column(sa.Column('draft', sa.Text(), nullable=False))
        batch_op.add_column(sa.Column('text', sa.Text(), nullable=False))
    with op.batch_alter_table('meeting_action') as batch_op:
        batch_op.drop_column('point')
    with op.batch_alter_table('committee_meeting') as batch_op:
        for name in ('submitted_at', 'attendance', 'agenda_plan', 'dated_at', 'sequence'):
            batch_op.drop_column(name)
        batch_op.add_column(sa.Column('attended', sa.JSON(), nullable=False, server_default='[]'))
    with op.batch_alter_table('committee_meeting') as batch_op:
        batch_op.alter_column('attended', server_default=None)
    with op.batch_alter_table('steering_plan') as batch_op:
        batch_op.drop_index('ix_steering_plan_report_at')
        for name in ('report_at', 'report_hour', 'report_weekday', 'announce_days'):
            batch_op.drop_column(name)


_NEW = {
    'steering_plan': ('announce_days', 'report_hour'),
    'committee_meeting': ('sequence', 'dated_at', 'agenda_plan', 'attendance'),
    'meeting_action': ('point',),
}
